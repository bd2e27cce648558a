#!/usr/bin/env python3
"""Checks manifests against the schemas that custom resource definitions publish, strictly: a field that a schema doesn't know is an error.

usage: validate.py --crd CRD.yaml [--crd …] MANIFEST.yaml …
needs: PyYAML, jsonschema. KServe's definitions are in its repository, config/crd/full (serving.kserve.io_*.yaml).
The pods of a Deployment are checked against the pod that an InferenceService's predictor is, where its definition is given. Manifests of
kinds that no definition has are named and counted as unchecked, and fail with --all.
"""
import argparse
import sys

import jsonschema
import yaml


def strict(schema):
    """Kubernetes prunes unknown fields; a manifest that has some is not what its author means."""
    if isinstance(schema, list):
        return [strict(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: ({name: strict(value) for name, value in entry.items()} if key == "properties" else strict(entry)) for key, entry in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("type", None)
        result.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result["additionalProperties"] = False
    return result


def schemas(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for crd in yaml.safe_load_all(file):
                for version in crd["spec"]["versions"]:
                    schema = strict(version["schema"]["openAPIV3Schema"])
                    # The server's own schema of metadata is not in a definition.
                    schema["properties"]["metadata"] = {"type": "object", "required": ["name"]}
                    yield (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]), schema


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crd", action="append", default=[], required=True)
    parser.add_argument("--all", action="store_true", help="fail where a kind has no schema")
    parser.add_argument("manifests", nargs="+")
    arguments = parser.parse_args()
    known = dict(schemas(arguments.crd))
    wrong = unchecked = right = 0
    for path in arguments.manifests:
        with open(path, encoding="utf-8") as file:
            for manifest in yaml.safe_load_all(file):
                name = f"{path}: {manifest['kind']} {manifest['metadata']['name']}"
                schema = known.get((manifest["apiVersion"], manifest["kind"]))
                predictor = known.get(("serving.kserve.io/v1beta1", "InferenceService"))
                if schema is None and manifest["kind"] == "Deployment" and predictor is not None:
                    name += ", its pods"
                    schema = predictor["properties"]["spec"]["properties"]["predictor"]
                    manifest = manifest["spec"]["template"]["spec"]
                if schema is None:
                    unchecked += 1
                    print(f"{name}: no schema")
                    continue
                errors = list(jsonschema.Draft202012Validator(schema).iter_errors(manifest))
                for error in errors:
                    print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
                wrong += bool(errors)
                right += not errors
                if not errors:
                    print(f"{name}: valid")
    print(f"{right} valid, {wrong} wrong, {unchecked} without a schema")
    return 1 if wrong or (arguments.all and unchecked) else 0


sys.exit(main())
