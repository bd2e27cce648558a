#!/usr/bin/env python3
"""Writes expected.json: the templates and expressions of this folder as Jinja renders them in transformers' settings.

    python3 render.py        (Debian: python3-jinja2; written with Jinja 3.1.6)

The environment is that of transformers/utils/chat_template_utils.py.
"""
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2.ext import Extension
from jinja2.nodes import CallBlock
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return CallBlock(self.call_method("_write"), [], [], body).set_lineno(line)

    def _write(self, caller):
        return caller()


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda format: datetime.datetime(2026, 3, 5, 14, 7, 9).strftime(format)
    return env


def render(template, **variables):
    try:
        return {"text": environment().from_string(template).render(**variables)}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}


def main():
    conversations = json.loads((HERE / "conversations.json").read_text("utf-8"))
    chats = {}
    for file in sorted((HERE / "templates").glob("*.jinja")):
        template = file.read_text("utf-8")
        for chat in conversations:
            chats.setdefault(file.stem, {})[chat["name"]] = render(
                template, messages=chat["messages"], tools=chat.get("tools"), documents=None,
                add_generation_prompt=chat["add_generation_prompt"], bos_token="<s>", eos_token="</s>", **chat.get("variables", {}))
    snippets = [{"template": template, **render(template)} for template in json.loads((HERE / "snippets.json").read_text("utf-8"))]
    (HERE / "expected.json").write_text(json.dumps({"chats": chats, "snippets": snippets}, ensure_ascii=False, indent=1) + "\n", "utf-8")


main()
