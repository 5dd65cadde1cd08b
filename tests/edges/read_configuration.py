"""Reads YAML (PyYAML) and Terraform files (python-hcl2) and prints them as one JSON object by their names."""

import json
import pathlib
import sys

import hcl2
import yaml

PLAIN = hcl2.SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)


class EachKeyOnce(yaml.SafeLoader):
    """YAML wants each key once in a mapping, but PyYAML takes the last one."""

    def construct_mapping(self, node, deep=False):
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise yaml.YAMLError(f"a key twice, {node.start_mark}")
        return mapping


def read(path):
    with path.open(encoding="utf-8") as file:
        if path.suffix == ".tf":
            return hcl2.load(file, serialization_options=PLAIN)
        return yaml.load(file, EachKeyOnce)


files = [pathlib.Path(name) for name in sys.argv[1:]]
json.dump({path.name: read(path) for path in files}, sys.stdout)
