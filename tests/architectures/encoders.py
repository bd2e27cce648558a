#!/usr/bin/python3
"""Exports tiny BERT, RoBERTa and DistilBERT models with seeded random weights, in Hugging Face's layout, to encoders/.

Needs Debian's python3-torch 1.13 and nothing else; one thread, under a minute. The same version of torch gives the same files.
The modules follow the papers and the public definitions of the architectures: post-layer-norm encoders with learned positions.
"""

import json
import math
import shutil
import warnings
from pathlib import Path

import torch
from torch import nn

import encoder_vocabulary as vocabulary

FOLDER = Path(__file__).parent / "encoders"
SEED = 51
OPSET = 14
HIDDEN, HEADS, LAYERS, INTERMEDIATE, POSITIONS = 32, 4, 2, 64, 64
NLI = ["contradiction", "neutral", "entailment"]
ENTITIES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))

    def forward(self, states, bias):
        batch, length, _ = states.shape

        def heads(projection):
            return projection(states).view(batch, length, HEADS, HIDDEN // HEADS).transpose(1, 2)

        scores = heads(self.query) @ heads(self.key).transpose(-1, -2) / math.sqrt(HIDDEN // HEADS) + bias
        mixed = scores.softmax(-1) @ heads(self.value)
        return self.output(mixed.transpose(1, 2).reshape(batch, length, HIDDEN))


class Layer(nn.Module):
    def __init__(self, epsilon):
        super().__init__()
        self.attention = Attention()
        self.attention_norm = nn.LayerNorm(HIDDEN, eps=epsilon)
        self.inner, self.outer = nn.Linear(HIDDEN, INTERMEDIATE), nn.Linear(INTERMEDIATE, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=epsilon)

    def forward(self, states, bias):
        states = self.attention_norm(states + self.attention(states, bias))
        return self.norm(states + self.outer(nn.functional.gelu(self.inner(states))))


class Encoder(nn.Module):
    """The trunk of all three: what differs is how positions are counted and whether there are segments."""

    def __init__(self, family):
        super().__init__()
        self.family = family
        self.words = nn.Embedding(len(family.tokens), HIDDEN)
        self.positions = nn.Embedding(POSITIONS + family.first_position, HIDDEN)
        self.types = nn.Embedding(family.segments, HIDDEN) if family.segments else None
        self.norm = nn.LayerNorm(HIDDEN, eps=family.epsilon)
        self.layers = nn.ModuleList(Layer(family.epsilon) for _ in range(LAYERS))

    def forward(self, input_ids, attention_mask, token_type_ids=None):
        states = self.words(input_ids) + self.positions(self.number(input_ids))
        if self.types is not None:
            states = states + self.types(torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids)
        bias = (1.0 - attention_mask[:, None, None, :].to(states.dtype)) * torch.finfo(torch.float32).min
        states = self.norm(states)
        for layer in self.layers:
            states = layer(states, bias)
        return states

    def number(self, input_ids):
        if not self.family.first_position:
            return torch.ones_like(input_ids).cumsum(1) - 1
        # RoBERTa counts tokens from the padding token's number plus one, and leaves padding at that number.
        real = input_ids.ne(self.family.padding).to(torch.int64)
        return real.cumsum(1) * real + self.family.padding


class Model(nn.Module):
    def __init__(self, family, head):
        super().__init__()
        self.encoder, self.head = Encoder(family), head

    def forward(self, *inputs):
        return self.head(self.encoder(*inputs))


class FirstToken(nn.Module):
    """Classifies by the first token: BERT and RoBERTa through tanh, DistilBERT through ReLU."""

    def __init__(self, classes, activation):
        super().__init__()
        self.dense, self.output, self.activation = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, classes), activation

    def forward(self, states):
        return self.output(self.activation(self.dense(states[:, 0])))


class Span(nn.Module):
    def __init__(self):
        super().__init__()
        self.output = nn.Linear(HIDDEN, 2)

    def forward(self, states):
        start, end = self.output(states).split(1, dim=-1)
        return start.squeeze(-1), end.squeeze(-1)


class Family:
    def __init__(self, name, tokens, tokenizer, tokenizer_config, *, prefix, segments, first_position, epsilon, activation):
        self.name, self.tokens, self.tokenizer, self.tokenizer_config, self.prefix = name, tokens, tokenizer, tokenizer_config, prefix
        self.segments, self.first_position, self.epsilon, self.activation = segments, first_position, epsilon, activation
        self.padding = tokens.index(tokenizer_config["pad_token"])
        self.inputs = ["input_ids", "attention_mask"] + (["token_type_ids"] if segments > 1 else [])

    def config(self, architecture, labels):
        common = {"model_type": self.name, "architectures": [self.prefix + architecture], "vocab_size": len(self.tokens), "pad_token_id": self.padding,
                  "max_position_embeddings": POSITIONS + self.first_position}
        sizes = {"dim": HIDDEN, "n_heads": HEADS, "n_layers": LAYERS, "hidden_dim": INTERMEDIATE, "activation": "gelu"} if self.name == "distilbert" else {
            "hidden_size": HIDDEN, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "intermediate_size": INTERMEDIATE, "hidden_act": "gelu",
            "type_vocab_size": self.segments, "layer_norm_eps": self.epsilon}
        names = {"id2label": {str(i): label for i, label in enumerate(labels)}, "label2id": {label: i for i, label in enumerate(labels)}} if labels else {}
        return common | sizes | names


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    warnings.filterwarnings("ignore")
    families = [
        Family("bert", *vocabulary.wordpiece(lowercase=True), prefix="Bert", segments=2, first_position=0, epsilon=1e-12, activation=nn.Tanh()),
        Family("roberta", *vocabulary.bytelevel(), prefix="Roberta", segments=1, first_position=2, epsilon=1e-5, activation=nn.Tanh()),
        Family("distilbert", *vocabulary.wordpiece(lowercase=False), prefix="DistilBert", segments=0, first_position=0, epsilon=1e-12, activation=nn.ReLU()),
    ]
    models = [(family, *task) for family in families for task in tasks(family)]
    for number, model in enumerate(models):
        export(SEED + number, *model)
    write_pooling(FOLDER / "bert-feature-extraction")


def tasks(family):
    yield "text-classification", "ForSequenceClassification", NLI, lambda: FirstToken(len(NLI), family.activation), {"logits": {0: "batch_size"}}
    yield "token-classification", "ForTokenClassification", ENTITIES, lambda: nn.Linear(HIDDEN, len(ENTITIES)), {"logits": {0: "batch_size", 1: "sequence_length"}}
    yield "question-answering", "ForQuestionAnswering", None, Span, {name: {0: "batch_size", 1: "sequence_length"} for name in ("start_logits", "end_logits")}
    yield "feature-extraction", "Model", None, nn.Identity, {"last_hidden_state": {0: "batch_size", 1: "sequence_length"}}


def export(seed, family, task, architecture, labels, head, outputs):
    torch.manual_seed(seed)
    model = Model(family, head()).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Larger than trained weights are, and biases smaller, so that answers differ from token to token.
            spread = 0.1 if "norm" in name or name.endswith("bias") else 1.0 if "words" in name else 0.8 if name.startswith("head") else 0.3
            parameter.normal_(1.0 if name.endswith("norm.weight") else 0.0, spread)

    folder = FOLDER / f"{family.name}-{task}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "onnx").mkdir(parents=True)
    example = tuple(torch.ones(2, 5, dtype=torch.int64) for _ in family.inputs)
    torch.onnx.export(
        model, example, str(folder / "onnx" / "model.onnx"), opset_version=OPSET, input_names=family.inputs, output_names=list(outputs),
        dynamic_axes={name: {0: "batch_size", 1: "sequence_length"} for name in family.inputs} | outputs)
    write(folder / "config.json", family.config(architecture, labels))
    write(folder / "tokenizer.json", family.tokenizer, indent=None)
    write(folder / "tokenizer_config.json", family.tokenizer_config | {"model_max_length": POSITIONS})
    print(f"{folder.name}: {(folder / 'onnx' / 'model.onnx').stat().st_size} bytes")


def write_pooling(folder):
    """What sentence-transformers puts beside a model: mean pooling, vectors of length 1, a prompt for queries."""
    (folder / "1_Pooling").mkdir()
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
                                                  "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False})
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    write(folder / "modules.json", [{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{name}"} for i, (path, name) in enumerate(modules)])
    write(folder / "config_sentence_transformers.json", {"prompts": {"query": "query: ", "document": ""}, "default_prompt_name": None, "similarity_fn_name": "cosine"})


def write(path, content, indent=2):
    path.write_text(json.dumps(content, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
