"""CycloneDX's own schema, as its library for npm has it, to judge a bill of materials."""
import json

import jsonschema


def judge(schemas):
    folder = f"{schemas}/node_modules/@cyclonedx/cyclonedx-library/res/schema"
    parts = {name: json.load(open(f"{folder}/{name}.SNAPSHOT.schema.json")) for name in ("bom-1.6", "spdx", "jsf-0.82")}
    store = {part["$id"]: part for part in parts.values()}
    store |= {f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json": part for name, part in parts.items()}
    resolver = jsonschema.RefResolver.from_schema(parts["bom-1.6"], store=store)
    return jsonschema.Draft7Validator(parts["bom-1.6"], resolver=resolver)
