"""prometheus.yml: the targets of scrape jobs that ask /probe become targets here, and their target lists become discovery."""

from ssl_exporter import address

SEARCHES = {"file_sd_configs": lambda entry: {"file_sd": entry["files"]}, "http_sd_configs": lambda entry: {"http_sd": entry["url"]},
            "dns_sd_configs": lambda entry: {"dns": {key: entry[key] for key in ("names", "type", "port") if key in entry}}}


def convert(content, made):
    for job in content.get("scrape_configs") or []:
        if job.get("metrics_path") == "/probe":
            take_job(job, made)


def take_job(job, made):
    parameters = job.get("params") or {}
    module = (parameters.get("module") or ["default" if "default" in made.modules else "http_2xx"])[0]
    if module in made.dropped:
        made.note(f"job {job['job_name']}: module {module} is not carried over, nor are its targets")
    elif module in made.file_modules:
        paths = list(parameters.get("target") or []) or [one for group in job.get("static_configs") or [] for one in group["targets"]]
        made.files.append({"name": job["job_name"], "paths": paths, "follow_symlinks": True})
    elif module not in made.modules:
        made.note(f"job {job['job_name']}: there is no module {module} in the file that was converted")
    else:
        take_targets(job, module, made)


def take_targets(job, module, made):
    for group in job.get("static_configs") or []:
        for target in group.get("targets") or []:
            if target.startswith("http://"):
                made.note(f"job {job['job_name']}: {target} is asked in the clear: there is no certificate to watch")
                continue
            if module in made.plain_http and "://" not in target:
                made.note(f"job {job['job_name']}: {target} was asked for http://{target}; here it is https")
            made.add_target(address(target, made.modules[module]), module, group.get("labels"))
    for key in job:
        if not key.endswith("_sd_configs"):
            continue
        if key not in SEARCHES:
            made.note(f"job {job['job_name']}: {key}: write its targets into a file for file_sd, or leave them to Prometheus and /probe")
            continue
        for entry in job[key]:
            made.discovery.append({**SEARCHES[key](entry), "module": module})
    for relabel in job.get("relabel_configs") or []:
        if relabel.get("target_label") not in ("__param_target", "instance", "__address__"):
            made.note(f"job {job['job_name']}: relabelling of `{relabel.get('target_label', relabel.get('action'))}` is not done here")
