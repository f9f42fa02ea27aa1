#!/usr/bin/python3
"""kubernetes_test.py MTLS_EXPORTER SCHEMAS: the manifests satisfy the schemas of their kinds and our own rules; every file is named by
a kustomization, every selector meets its pods, the exporter takes the arguments and the configuration, and the PrometheusRule is what
deploy/prometheus/rules say today."""
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.realpath(__file__))
FOLDER = os.path.join(HERE, "../../deploy/kubernetes")
NAME = {"app.kubernetes.io/name": "mtls-exporter"}


def fail(text):
    raise SystemExit("FAILED: " + text)


def read(path):
    with open(os.path.join(FOLDER, path)) as file:
        return yaml.safe_load(file)


def complaints(objects, schemas):
    """What the schemas say against each of these objects; nothing against a good one."""
    with tempfile.TemporaryDirectory(dir=schemas) as work:  # below node_modules, which it finds there
        os.symlink("../node_modules", os.path.join(work, "node_modules"))
        shutil.copy(os.path.join(HERE, "schemas/validate.mjs"), work)
        with open(os.path.join(work, "package.json"), "w") as file:
            file.write('{"type": "module"}')
        verdict = subprocess.run(["node", "validate.mjs"], input=json.dumps(objects), text=True, capture_output=True, cwd=work)
    if verdict.returncode:
        fail(verdict.stdout + verdict.stderr)
    return json.loads(verdict.stdout)


def all_objects():
    """The objects that the kustomizations name, by file; every .yaml file is named."""
    found = {}
    for folder in ("common", "single", "sharded", "api"):
        kustomization = read(f"{folder}/kustomization.yaml")
        for name in kustomization["resources"]:
            if name == "../common":
                continue
            found[f"{folder}/{name}"] = read(f"{folder}/{name}")
        for generated in kustomization.get("configMapGenerator", []):
            data = {file: open(os.path.join(FOLDER, folder, file)).read() for file in generated["files"]}
            found[f"{folder}: {generated['name']}"] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generated["name"]}, "data": data}
        for file in os.listdir(os.path.join(FOLDER, folder)):
            if file.endswith(".yaml") and file != "kustomization.yaml" and f"{folder}/{file}" not in found:
                fail(f"no kustomization names {folder}/{file}")
    return found


def roles_are_the_least(objects):
    """Each word of `resources` has a role of its own, which lists and watches and no more."""
    words = json.load(open(os.path.join(HERE, "../../config/schema.json")))["definitions"]["kubernetes"]["properties"]["resources"]["items"]["enum"]
    for word in words:
        role, binding = objects[f"api/role-{word}.yaml"], objects[f"api/binding-{word}.yaml"]
        if any(rule["verbs"] != ["list", "watch"] or "*" in rule["resources"] + rule["apiGroups"] for rule in role["rules"]):
            fail(f"the role for {word} grants more than it must")
        if binding["roleRef"]["name"] != role["metadata"]["name"] or binding["subjects"][0]["name"] != objects["common/serviceaccount.yaml"]["metadata"]["name"]:
            fail(f"the binding for {word} binds something else")


def schemas_judge(objects, schemas):
    def broken(path, change):
        object_ = copy.deepcopy(objects[path])
        change(object_)
        return object_

    mistakes = {
        "a word for a number": broken("single/deployment.yaml", lambda it: it["spec"].update(replicas="one")),
        "an unknown field": broken("sharded/statefulset.yaml", lambda it: it["spec"]["template"]["spec"]["containers"][0].update(imagee="x")),
        "a missing selector": broken("common/servicemonitor.yaml", lambda it: it["spec"].pop("selector")),
        "an unknown field of a CRD": broken("common/probe.yaml", lambda it: it["spec"].update(modul="x")),
        "an alert without an expression": broken("common/prometheusrule.yaml", lambda it: it["spec"]["groups"][0]["rules"][0].pop("expr")),
    }
    said = complaints([*objects.values(), *mistakes.values()], schemas)
    against = {path: words for path, words in zip(objects, said) if words}
    if against:
        fail(f"the schemas complain: {against}")
    unseen = [what for what, words in zip(mistakes, said[len(objects):]) if not words]
    if unseen:
        fail(f"the schemas see {unseen}")


def secure(pod):
    """What is wanting of the restricted pod security standard, and of ours."""
    context, container = pod.get("securityContext", {}), pod["containers"][0]
    own = container.get("securityContext", {})
    wanting = {
        "not root": context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0,
        "seccomp": context.get("seccompProfile") == {"type": "RuntimeDefault"},
        "no privilege escalation": own.get("allowPrivilegeEscalation") is False,
        "a read-only root": own.get("readOnlyRootFilesystem") is True,
        "no capability": own.get("capabilities") == {"drop": ["ALL"]},
        "no API token": pod.get("automountServiceAccountToken") is False,
        "a memory limit": "memory" in container.get("resources", {}).get("limits", {}),
        "read-only mounts without subPath": all(mount.get("readOnly") and "subPath" not in mount for mount in container["volumeMounts"]),
    }
    return [name for name, holds in wanting.items() if not holds]


def pods_are_secure_and_found(objects):
    for path in ("single/deployment.yaml", "sharded/statefulset.yaml"):
        template = objects[path]["spec"]["template"]
        if secure(template["spec"]):
            fail(f"{path} lacks {secure(template['spec'])}")
        open_root = copy.deepcopy(template["spec"])
        open_root["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False
        if secure(open_root) != ["a read-only root"]:
            fail("the rules see a root that can be written to")
        ports = {port["name"] for port in template["spec"]["containers"][0]["ports"]}
        selectors = {"the workload": objects[path]["spec"]["selector"]["matchLabels"], "the Service": objects["common/service.yaml"]["spec"]["selector"],
                     "the NetworkPolicy": objects["common/networkpolicy.yaml"]["spec"]["podSelector"]["matchLabels"]}
        for what, selector in selectors.items():
            if not selector or not selector.items() <= template["metadata"]["labels"].items():
                fail(f"{what} selects the pods of {path}")
        if objects["common/service.yaml"]["spec"]["ports"][0]["targetPort"] not in ports:
            fail(f"the Service's port is one of {path}")
    service = objects["common/service.yaml"]
    monitor = objects["common/servicemonitor.yaml"]["spec"]
    if not monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items():
        fail("the ServiceMonitor selects the Service")
    if monitor["endpoints"][0]["port"] not in [port["name"] for port in service["spec"]["ports"]]:
        fail("the ServiceMonitor names a port of the Service")
    stateful = objects["sharded/statefulset.yaml"]["spec"]
    if stateful["serviceName"] != service["metadata"]["name"]:
        fail("the StatefulSet's names come from the Service")
    if f"--shard=hostname/{stateful['replicas']}" not in stateful["template"]["spec"]["containers"][0]["args"]:
        fail("there are as many shards as replicas")


def the_exporter_takes_it(objects, program):
    configuration = objects["common: mtls-exporter"]["data"]["mtls_exporter.yml"]
    module = objects["common/probe.yaml"]["spec"]["module"]
    targets = [target["name"] for target in yaml.safe_load(configuration)["targets"]]
    if module not in yaml.safe_load(configuration)["modules"] or not set(objects["common/probe.yaml"]["spec"]["targets"]["staticConfig"]["static"]) <= set(targets):
        fail("the Probe asks for a module and targets of the configuration")
    with tempfile.TemporaryDirectory() as work:
        file = os.path.join(work, "mtls_exporter.yml")
        with open(file, "w") as out:
            out.write(configuration)
        for path in ("single/deployment.yaml", "sharded/statefulset.yaml"):
            spec = objects[path]["spec"]
            for ordinal in range(spec["replicas"] + 1):
                if ordinal == spec["replicas"] and path.startswith("single"):
                    continue
                args = [arg.replace("/etc/mtls_exporter/config", work) for arg in spec["template"]["spec"]["containers"][0]["args"]]
                checked = subprocess.run(["bwrap", "--bind", "/", "/", "--dev", "/dev", "--unshare-user", "--unshare-uts", "--hostname", f"mtls-exporter-{ordinal}", program, *args, "--config.check"],
                                         text=True, capture_output=True)
                # 1: the files of the Secret are not here. One shard more than there are must be refused.
                wanted = 2 if ordinal == spec["replicas"] else 1
                if checked.returncode != wanted:
                    fail(f"{path} {ordinal}: exit {checked.returncode}: {checked.stdout}{checked.stderr}")


def the_rules_are_todays():
    made = subprocess.run([os.path.join(FOLDER, "prometheusrule.sh")], text=True, capture_output=True, check=True).stdout
    if made != open(os.path.join(FOLDER, "common/prometheusrule.yaml")).read():
        fail("deploy/prometheus/rules have changed: deploy/kubernetes/prometheusrule.sh >deploy/kubernetes/common/prometheusrule.yaml")
    rules = os.path.join(FOLDER, "../prometheus/rules")
    groups = [group for file in sorted(os.listdir(rules)) for group in yaml.safe_load(open(os.path.join(rules, file)))["groups"]]
    if read("common/prometheusrule.yaml")["spec"]["groups"] != groups:
        fail("the PrometheusRule has every group of the rules, as it is")


def main():
    program, schemas = map(os.path.realpath, sys.argv[1:3])
    objects = all_objects()
    the_rules_are_todays()
    pods_are_secure_and_found(objects)
    roles_are_the_least(objects)
    the_exporter_takes_it(objects, program)
    schemas_judge(objects, schemas)
    print(f"{len(objects)} objects are sound")


main()
