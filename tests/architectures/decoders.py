#!/usr/bin/env python3
"""Writes tiny language models of known architectures in the layout that Hugging Face's exporters write, with seeded random weights.

    python3 decoders.py [FOLDER]

GPT-2 and Llama (rotary positions, grouped-query attention) as onnx/model.onnx with a key-value cache; T5 and Marian as encoder_model,
decoder_model, decoder_with_past_model and decoder_model_merged (one If over use_cache_branch, weights shared). Each with config.json,
generation_config.json and a byte-level tokenizer. Needs torch 1.13 and onnx 1.12 (Debian: python3-torch, python3-onnx).

The architectures are written from their papers: GPT-2 (Radford et al. 2019), Llama (arXiv 2302.13971), grouped queries (2305.13245), rotary
positions (2104.09864), T5 (1910.10683), Marian (1804.00344). Names and shapes of inputs and outputs are those of Optimum's exports.
"""
import io
import json
import math
import os
import sys

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

HIDDEN, LAYERS, HEADS, KV_HEADS, FEED_FORWARD, POSITIONS = 32, 2, 4, 2, 64, 128
SIZE = HIDDEN // HEADS
SPECIAL = ["<pad>", "</s>", "<s>", "<unk>", ">>fra<<", ">>deu<<"]
PAD, END, START = 0, 1, 2
VOCABULARY = len(SPECIAL) + 256
OPSET = 13


def seed(module, number, scale=0.35, shared=0.35):
    """The same weights whatever torch's generator does. Norms start at one, as in training; small shared embeddings keep a token from
    answering with itself."""
    random = numpy.random.RandomState(number)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            values = torch.from_numpy(random.standard_normal(tuple(parameter.shape)).astype(numpy.float32))
            if "norm" in name:
                values = 0.1 * values + (1 if name.endswith("weight") else 0)
            else:
                values *= shared if name == "shared.weight" else 0.1 if name == "final" else scale
            parameter.copy_(values)
    return module.eval()


def split(x, heads):
    return x.view(x.shape[0], x.shape[1], heads, SIZE).transpose(1, 2)


def join(x):
    x = x.transpose(1, 2)
    return x.reshape(x.shape[0], x.shape[1], HIDDEN)


def attend(query, key, value, bias, scale):
    return torch.matmul(F.softmax(torch.matmul(query, key.transpose(2, 3)) * scale + bias, dim=-1), value)


def causal(count, total, mask):
    """0 where a token may look, -inf (as a finite number) where not: later ones, and those that the mask leaves out."""
    positions = torch.arange(total)
    allowed = positions[None, :] <= positions[total - count:][:, None]
    allowed = allowed[None, None]
    if mask is not None:
        allowed = allowed & (mask[:, None, None, :] > 0)
    return torch.where(allowed, torch.tensor(0.0), torch.tensor(-1e9))


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class Gpt2(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, HIDDEN), nn.Embedding(POSITIONS, HIDDEN)
        self.norms = nn.ModuleList([nn.LayerNorm(HIDDEN) for _ in range(2 * LAYERS + 1)])
        self.qkv = nn.ModuleList([nn.Linear(HIDDEN, 3 * HIDDEN) for _ in range(LAYERS)])
        self.out = nn.ModuleList([nn.Linear(HIDDEN, HIDDEN) for _ in range(LAYERS)])
        self.up = nn.ModuleList([nn.Linear(HIDDEN, FEED_FORWARD) for _ in range(LAYERS)])
        self.down = nn.ModuleList([nn.Linear(FEED_FORWARD, HIDDEN) for _ in range(LAYERS)])

    def forward(self, input_ids, attention_mask, position_ids, *past):
        x = self.wte(input_ids) + self.wpe(position_ids)
        bias = causal(input_ids.shape[1], attention_mask.shape[1], attention_mask)
        present = []
        for i in range(LAYERS):
            query, key, value = (split(part, HEADS) for part in self.qkv[i](self.norms[2 * i](x)).chunk(3, dim=-1))
            key, value = torch.cat([past[2 * i], key], dim=2), torch.cat([past[2 * i + 1], value], dim=2)
            present += [key, value]
            x = x + self.out[i](join(attend(query, key, value, bias, SIZE ** -0.5)))
            h = self.up[i](self.norms[2 * i + 1](x))
            h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h.pow(3))))
            x = x + self.down[i](h)
        return (F.linear(self.norms[-1](x), self.wte.weight), *present)


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(VOCABULARY, HIDDEN), nn.Linear(HIDDEN, VOCABULARY, bias=False)
        self.norms = nn.ModuleList([RmsNorm() for _ in range(2 * LAYERS + 1)])

        def linears(inputs, outputs):
            return nn.ModuleList([nn.Linear(inputs, outputs, bias=False) for _ in range(LAYERS)])

        self.q, self.k, self.v, self.o = linears(HIDDEN, HIDDEN), linears(HIDDEN, KV_HEADS * SIZE), linears(HIDDEN, KV_HEADS * SIZE), linears(HIDDEN, HIDDEN)
        self.gate, self.up, self.down = linears(HIDDEN, FEED_FORWARD), linears(HIDDEN, FEED_FORWARD), linears(FEED_FORWARD, HIDDEN)
        self.register_buffer("frequencies", 1.0 / (10000 ** (torch.arange(0, SIZE, 2).float() / SIZE)))

    @staticmethod
    def rotate(x, cos, sin):
        half = SIZE // 2
        return x * cos + torch.cat([-x[..., half:], x[..., :half]], dim=-1) * sin

    @staticmethod
    def repeat(x):
        groups = HEADS // KV_HEADS
        x = x[:, :, None].expand(x.shape[0], KV_HEADS, groups, x.shape[2], SIZE)
        return x.reshape(x.shape[0], HEADS, x.shape[3], SIZE)

    def forward(self, input_ids, attention_mask, position_ids, *past):
        x = self.embed(input_ids)
        angles = position_ids[:, None, :, None].float() * self.frequencies
        angles = torch.cat([angles, angles], dim=-1)
        cos, sin = angles.cos(), angles.sin()
        bias = causal(input_ids.shape[1], attention_mask.shape[1], attention_mask)
        present = []
        for i in range(LAYERS):
            h = self.norms[2 * i](x)
            query = self.rotate(split(self.q[i](h), HEADS), cos, sin)
            key, value = self.rotate(split(self.k[i](h), KV_HEADS), cos, sin), split(self.v[i](h), KV_HEADS)
            key, value = torch.cat([past[2 * i], key], dim=2), torch.cat([past[2 * i + 1], value], dim=2)
            present += [key, value]
            x = x + self.o[i](join(attend(query, self.repeat(key), self.repeat(value), bias, SIZE ** -0.5)))
            h = self.norms[2 * i + 1](x)
            x = x + self.down[i](F.silu(self.gate[i](h)) * self.up[i](h))
        return (self.head(self.norms[-1](x)), *present)


class T5Part(nn.Module):
    """Encoder or decoder: norms before, no biases, relative positions in the first layer's table, no scale."""

    BUCKETS, FAR = 8, 16

    def __init__(self, decodes):
        super().__init__()
        self.decodes = decodes
        per_layer = 3 if decodes else 2
        self.norms = nn.ModuleList([RmsNorm() for _ in range(per_layer * LAYERS + 1)])
        self.relative = nn.Embedding(self.BUCKETS, HEADS)

        def linears(inputs, outputs):
            return nn.ModuleList([nn.Linear(inputs, outputs, bias=False) for _ in range(LAYERS)])

        self.q, self.k, self.v, self.o = (linears(HIDDEN, HIDDEN) for _ in range(4))
        if decodes:
            self.cq, self.ck, self.cv, self.co = (linears(HIDDEN, HIDDEN) for _ in range(4))
        self.up, self.down = linears(HIDDEN, FEED_FORWARD), linears(FEED_FORWARD, HIDDEN)

    def positions(self, count, total):
        where = torch.arange(total)
        distance = where[None, :] - where[total - count:][:, None]
        buckets = self.BUCKETS
        bucket = torch.zeros_like(distance)
        if self.decodes:
            distance = -torch.minimum(distance, torch.zeros_like(distance))
        else:
            buckets //= 2
            bucket = (distance > 0).long() * buckets
            distance = distance.abs()
        exact = buckets // 2
        far = exact + (torch.log(torch.clamp(distance, min=1).float() / exact) / math.log(self.FAR / exact) * (buckets - exact)).long()
        bucket = bucket + torch.where(distance < exact, distance, torch.clamp(far, max=buckets - 1))
        return self.relative(bucket).permute(2, 0, 1)[None]

    def feed_forward(self, i, x):
        return self.down[i](F.relu(self.up[i](x)))

    def encode(self, x, attention_mask):
        count = x.shape[1]
        bias = self.positions(count, count) + torch.where(attention_mask[:, None, None, :] > 0, torch.tensor(0.0), torch.tensor(-1e9))
        for i in range(LAYERS):
            h = self.norms[2 * i](x)
            x = x + self.o[i](join(attend(split(self.q[i](h), HEADS), split(self.k[i](h), HEADS), split(self.v[i](h), HEADS), bias, 1.0)))
            x = x + self.feed_forward(i, self.norms[2 * i + 1](x))
        return self.norms[-1](x)

    def decode(self, x, states, encoder_mask, past):
        count = x.shape[1]
        total = count if past is None else past[0].shape[2] + count
        bias = self.positions(count, total) + causal(count, total, None)
        cross = torch.where(encoder_mask[:, None, None, :] > 0, torch.tensor(0.0), torch.tensor(-1e9))
        present = []
        for i in range(LAYERS):
            h = self.norms[3 * i](x)
            key, value = split(self.k[i](h), HEADS), split(self.v[i](h), HEADS)
            if past is None:
                encoder = (split(self.ck[i](states), HEADS), split(self.cv[i](states), HEADS))
            else:
                key, value = torch.cat([past[4 * i], key], dim=2), torch.cat([past[4 * i + 1], value], dim=2)
                encoder = past[4 * i + 2:4 * i + 4]
            present += [key, value, *encoder] if past is None else [key, value]
            x = x + self.o[i](join(attend(split(self.q[i](h), HEADS), key, value, bias, 1.0)))
            h = self.norms[3 * i + 1](x)
            x = x + self.co[i](join(attend(split(self.cq[i](h), HEADS), *encoder, cross, 1.0)))
            x = x + self.feed_forward(i, self.norms[3 * i + 2](x))
        return self.norms[-1](x), present


class MarianPart(nn.Module):
    """Encoder or decoder: norms after, biases, sinusoidal positions (sines, then cosines), scaled embeddings, swish."""

    def __init__(self, decodes):
        super().__init__()
        per_layer = 3 if decodes else 2
        self.norms = nn.ModuleList([nn.LayerNorm(HIDDEN) for _ in range(per_layer * LAYERS)])

        def linears(inputs, outputs):
            return nn.ModuleList([nn.Linear(inputs, outputs) for _ in range(LAYERS)])

        self.q, self.k, self.v, self.o = (linears(HIDDEN, HIDDEN) for _ in range(4))
        if decodes:
            self.cq, self.ck, self.cv, self.co = (linears(HIDDEN, HIDDEN) for _ in range(4))
        self.up, self.down = linears(HIDDEN, FEED_FORWARD), linears(FEED_FORWARD, HIDDEN)
        angles = numpy.array([[p / numpy.power(10000, 2 * (j // 2) / HIDDEN) for j in range(HIDDEN)] for p in range(POSITIONS)])
        self.register_buffer("sines", torch.from_numpy(numpy.concatenate([numpy.sin(angles[:, 0::2]), numpy.cos(angles[:, 1::2])], axis=1).astype(numpy.float32)))

    def place(self, x, past):
        where = torch.arange(x.shape[1]) if past is None else past[0].shape[2] + torch.arange(x.shape[1])
        return x * math.sqrt(HIDDEN) + F.embedding(where, self.sines)

    def feed_forward(self, i, x):
        return self.down[i](F.silu(self.up[i](x)))

    def encode(self, x, attention_mask):
        x = self.place(x, None)
        bias = torch.where(attention_mask[:, None, None, :] > 0, torch.tensor(0.0), torch.tensor(-1e9))
        for i in range(LAYERS):
            x = self.norms[2 * i](x + self.o[i](join(attend(split(self.q[i](x), HEADS), split(self.k[i](x), HEADS), split(self.v[i](x), HEADS), bias, SIZE ** -0.5))))
            x = self.norms[2 * i + 1](x + self.feed_forward(i, x))
        return x

    def decode(self, x, states, encoder_mask, past):
        count = x.shape[1]
        total = count if past is None else past[0].shape[2] + count
        x = self.place(x, past)
        bias = causal(count, total, None)
        cross = torch.where(encoder_mask[:, None, None, :] > 0, torch.tensor(0.0), torch.tensor(-1e9))
        present = []
        for i in range(LAYERS):
            key, value = split(self.k[i](x), HEADS), split(self.v[i](x), HEADS)
            if past is None:
                encoder = (split(self.ck[i](states), HEADS), split(self.cv[i](states), HEADS))
            else:
                key, value = torch.cat([past[4 * i], key], dim=2), torch.cat([past[4 * i + 1], value], dim=2)
                encoder = past[4 * i + 2:4 * i + 4]
            present += [key, value, *encoder] if past is None else [key, value]
            x = self.norms[3 * i](x + self.o[i](join(attend(split(self.q[i](x), HEADS), key, value, bias, SIZE ** -0.5))))
            x = self.norms[3 * i + 1](x + self.co[i](join(attend(split(self.cq[i](x), HEADS), *encoder, cross, SIZE ** -0.5))))
            x = self.norms[3 * i + 2](x + self.feed_forward(i, x))
        return x, present


class Seq2Seq(nn.Module):
    def __init__(self, part, scale, bias):
        super().__init__()
        self.shared, self.encoder, self.decoder, self.scale = nn.Embedding(VOCABULARY, HIDDEN), part(False), part(True), scale
        self.final = nn.Parameter(torch.zeros(VOCABULARY)) if bias else None


class Encoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model.encoder.encode(self.model.shared(input_ids), attention_mask)


class Decoder(nn.Module):
    def __init__(self, model, cached):
        super().__init__()
        self.model, self.cached = model, cached

    def forward(self, encoder_attention_mask, input_ids, *rest):
        states, past = (None, rest) if self.cached else (rest[0], None)
        x, present = self.model.decoder.decode(self.model.shared(input_ids), states, encoder_attention_mask, past)
        logits = F.linear(x * self.model.scale, self.model.shared.weight)
        return (logits if self.model.final is None else logits + self.model.final, *present)


def export(module, inputs, outputs, axes):
    """inputs: name to example; axes: name to dynamic dimensions, of inputs and outputs."""
    buffer = io.BytesIO()
    torch.onnx.export(module, tuple(inputs.values()), buffer, input_names=list(inputs), output_names=outputs, dynamic_axes=axes, opset_version=OPSET, do_constant_folding=True)
    model = onnx.load_from_string(buffer.getvalue())
    # Traced expressions leave invented sizes: only the declared ones are kept.
    for value in model.graph.output:
        for index, dimension in enumerate(value.type.tensor_type.shape.dim):
            if value.name in axes and index in axes[value.name]:
                dimension.dim_param = axes[value.name][index]
    onnx.checker.check_model(model)
    return model


def names(kinds, prefix):
    return [f"{prefix}.{i}.{kind}{part}" for i in range(LAYERS) for kind in kinds for part in ("key", "value")]


def write_decoder(folder, module, kv_heads):
    past, present = names([""], "past_key_values"), names([""], "present")
    inputs = {"input_ids": torch.ones(2, 3, dtype=torch.int64), "attention_mask": torch.ones(2, 7, dtype=torch.int64), "position_ids": torch.full((2, 3), 4, dtype=torch.int64)}
    inputs.update({name: torch.zeros(2, kv_heads, 4, SIZE) for name in past})
    axes = {"input_ids": {0: "batch_size", 1: "sequence_length"}, "attention_mask": {0: "batch_size", 1: "past_sequence_length + 1"}, "position_ids": {0: "batch_size", 1: "sequence_length"}, "logits": {0: "batch_size", 1: "sequence_length"}}
    axes.update({name: {0: "batch_size", 2: "past_sequence_length"} for name in past})
    axes.update({name: {0: "batch_size", 2: "past_sequence_length + 1"} for name in present})
    save(folder, "model", export(module, inputs, ["logits", *present], axes))


def write_seq2seq(folder, model):
    ids, mask = torch.ones(2, 5, dtype=torch.int64), torch.ones(2, 5, dtype=torch.int64)
    batch, source, target = "batch_size", "encoder_sequence_length", "decoder_sequence_length"
    encoder = export(Encoder(model), {"input_ids": ids, "attention_mask": mask}, ["last_hidden_state"], {name: {0: batch, 1: source} for name in ("input_ids", "attention_mask", "last_hidden_state")})
    common = {"encoder_attention_mask": {0: batch, 1: source}, "input_ids": {0: batch, 1: target}, "encoder_hidden_states": {0: batch, 1: source}, "logits": {0: batch, 1: target}}
    every, own = names(["decoder.", "encoder."], "present"), names(["decoder."], "present")
    past = names(["decoder.", "encoder."], "past_key_values")

    def cache(name, length):
        return {0: batch, 2: source if ".encoder." in name else length}

    first = export(
        Decoder(model, cached=False),
        {"encoder_attention_mask": mask, "input_ids": ids[:, :3], "encoder_hidden_states": torch.zeros(2, 5, HIDDEN)},
        ["logits", *every],
        {**common, **{name: cache(name, target) for name in every}})
    later = export(
        Decoder(model, cached=True),
        {"encoder_attention_mask": mask, "input_ids": ids[:, :1], **{name: torch.zeros(2, HEADS, 5 if ".encoder." in name else 4, SIZE) for name in past}},
        ["logits", *own],
        {**{name: axes for name, axes in common.items() if name != "encoder_hidden_states"}, **{name: cache(name, "past_decoder_sequence_length") for name in past}, **{name: cache(name, "past_decoder_sequence_length + 1") for name in own}})
    save(folder, "encoder_model", encoder)
    save(folder, "decoder_model", first)
    save(folder, "decoder_with_past_model", later)
    save(folder, "decoder_model_merged", merge(first, later, every))


def merge(first, later, outputs):
    """One graph that does both, as Optimum merges them: the weights once, an If, and a stand-in for what a cached run doesn't compute again."""
    weights, by_content = [], {}

    def branch(model, prefix):
        renamed = {}
        for tensor in model.graph.initializer:
            key = (tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes())
            if key not in by_content:
                by_content[key] = f"weight_{len(by_content)}"
                copy = TensorProto()
                copy.CopyFrom(tensor)
                copy.name = by_content[key]
                weights.append(copy)
            renamed[tensor.name] = by_content[key]
        inputs = {value.name for value in model.graph.input}
        nodes = []
        for node in model.graph.node:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            for field in (copy.input, copy.output):
                for index, name in enumerate(field):
                    if name and name not in inputs:
                        field[index] = renamed.get(name, prefix + name)
            copy.name = prefix + node.name
            nodes.append(copy)
        given = []
        for name in ["logits", *outputs]:
            declared = next((value for value in model.graph.output if value.name == name), None)
            if declared is None:
                nodes.append(helper.make_node("Constant", [], [prefix + name], value=numpy_helper.from_array(numpy.zeros((1, HEADS, 1, SIZE), numpy.float32))))
                value = helper.make_tensor_value_info(prefix + name, TensorProto.FLOAT, [1, HEADS, 1, SIZE])
            else:
                value = onnx.ValueInfoProto()
                value.CopyFrom(declared)
                value.name = prefix + name
            given.append(value)
        return helper.make_graph(nodes, prefix.rstrip("_"), [], given)

    body = helper.make_node("If", ["use_cache_branch"], ["logits", *outputs], name="merged", then_branch=branch(later, "cached_"), else_branch=branch(first, "first_"))
    inputs = {value.name: value for model in (first, later) for value in model.graph.input}
    graph = helper.make_graph([body], "merged", [*inputs.values(), helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])], list(first.graph.output), weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = first.ir_version
    onnx.checker.check_model(model)
    return model


def save(folder, name, model):
    os.makedirs(os.path.join(folder, "onnx"), exist_ok=True)
    model.doc_string = model.producer_name = model.producer_version = ""
    path = os.path.join(folder, "onnx", name + ".onnx")
    onnx.save(model, path)
    print(f"{os.path.getsize(path):>8} {path}")


def byte_characters():
    """GPT-2's alphabet: a printable character for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    characters, spare = {}, 0
    for byte in range(256):
        characters[byte] = chr(byte) if byte in printable else chr(256 + spare)
        spare += byte not in printable
    return [characters[byte] for byte in range(256)]


def write_files(folder, config, ends_with=None, begins_with=None):
    added = [{"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for i, token in enumerate(SPECIAL)]
    vocabulary = {token: i for i, token in enumerate(SPECIAL + byte_characters())}
    before = [{"SpecialToken": {"id": begins_with, "type_id": 0}}] if begins_with else []
    after = [{"SpecialToken": {"id": ends_with, "type_id": 0}}] if ends_with else []
    single = [*before, {"Sequence": {"id": "A", "type_id": 0}}, *after]
    special = {token: {"id": token, "ids": [SPECIAL.index(token)], "tokens": [token]} for token in (begins_with, ends_with) if token}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": [*single, {"Sequence": {"id": "B", "type_id": 0}}, *after], "special_tokens": special} if special else None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary, "merges": []},
    }
    tokens = {"pad_token": "<pad>", "eos_token": "</s>", "bos_token": "<s>", "unk_token": "<unk>", "clean_up_tokenization_spaces": False, "model_max_length": POSITIONS, "tokenizer_class": "PreTrainedTokenizerFast"}
    generation = {key: config[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "bad_words_ids", "forced_eos_token_id") if key in config}
    os.makedirs(folder, exist_ok=True)
    for name, content in (("config.json", config), ("generation_config.json", generation), ("tokenizer.json", tokenizer), ("tokenizer_config.json", tokens)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1 if name != "tokenizer.json" else None)
            file.write("\n")


def main(root):
    common = {"vocab_size": VOCABULARY, "bos_token_id": START, "eos_token_id": END, "pad_token_id": PAD, "use_cache": True}
    write_files(os.path.join(root, "gpt2"), {**common, "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": HIDDEN, "n_head": HEADS, "n_layer": LAYERS, "n_positions": POSITIONS})
    write_decoder(os.path.join(root, "gpt2"), seed(Gpt2(), 1), HEADS)
    write_files(os.path.join(root, "llama"), {**common, "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": HIDDEN, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "num_hidden_layers": LAYERS, "max_position_embeddings": POSITIONS}, begins_with="<s>")
    write_decoder(os.path.join(root, "llama"), seed(Llama(), 2), KV_HEADS)
    seq2seq = {**common, "is_encoder_decoder": True, "decoder_start_token_id": PAD, "d_model": HIDDEN}
    tasks = {
        "summarization": {"prefix": "summarize: ", "max_length": 40, "min_length": 5, "num_beams": 3, "length_penalty": 2.0, "no_repeat_ngram_size": 3, "early_stopping": True},
        "translation_en_to_de": {"prefix": "translate English to German: ", "max_length": 50, "num_beams": 2, "early_stopping": True},
        "translation_en_to_fr": {"prefix": "translate English to French: ", "max_length": 50, "num_beams": 2, "early_stopping": True},
    }
    t5 = {**seq2seq, "model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "d_kv": SIZE, "num_heads": HEADS, "num_layers": LAYERS, "num_decoder_layers": LAYERS, "n_positions": POSITIONS, "task_specific_params": tasks}
    write_files(os.path.join(root, "t5"), t5, ends_with="</s>")
    write_seq2seq(os.path.join(root, "t5"), seed(Seq2Seq(T5Part, HIDDEN ** -0.5, bias=False), 3, scale=0.6, shared=0.8))
    marian = {**seq2seq, "model_type": "marian", "architectures": ["MarianMTModel"], "encoder_layers": LAYERS, "decoder_layers": LAYERS, "encoder_attention_heads": HEADS, "decoder_attention_heads": HEADS, "max_position_embeddings": POSITIONS, "bad_words_ids": [[PAD]], "forced_eos_token_id": END}
    write_files(os.path.join(root, "marian"), marian, ends_with="</s>")
    write_seq2seq(os.path.join(root, "marian"), seed(Seq2Seq(MarianPart, 1.0, bias=True), 4, scale=0.6, shared=0.3))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "decoders"))
