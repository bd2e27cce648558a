#!/usr/bin/python3
"""Trains two small models on the questions and answers beside this file: an embedder that finds the answer to a question, and a generator that
writes it. The last question of each answer is held out of both, and measured.

Needs Debian's python3-torch. One thread, a few minutes; the same version of it gives the same files.
"""

import argparse
import json
import math
import re
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

FOLDER = Path(__file__).parent
PADDING, UNKNOWN, END, USER, ASSISTANT = range(5)
SPECIALS = ["[PAD]", "[UNK]", "</s>", "<|user|>", "<|assistant|>"]
POSITIONS = 128
OPSET = 14

# The words of a conversation stand behind marks of who speaks; an answer ends with </s>.
CHAT_TEMPLATE = "{% for message in messages %}<|{{ message['role'] }}|> {{ message['content'] }}{% if message['role'] == 'assistant' %} </s>{% endif %} {% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"


class Embedder(nn.Module):
    """The weighted mean of word vectors: each word says how much it matters."""

    def __init__(self, words, width=48):
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.weights = nn.Embedding(words, 1)
        self.dropout = nn.Dropout(0.2)
        nn.init.zeros_(self.weights.weight)

    def forward(self, input_ids, attention_mask):
        weights = torch.exp(self.weights(input_ids)) * attention_mask.to(torch.float32).unsqueeze(-1)
        mean = (self.dropout(self.words(input_ids)) * weights).sum(1) / weights.sum(1)
        return mean / torch.sqrt((mean * mean).sum(-1, keepdim=True) + 1e-12)


class Generator(nn.Module):
    """A decoder after GPT-2 (Radford et al., 2019) with its cache of keys and values as inputs and outputs."""

    def __init__(self, words, width=64, layers=2, heads=4):
        super().__init__()
        self.heads, self.width, self.layers = heads, width, layers
        self.words, self.positions = nn.Embedding(words, width), nn.Embedding(POSITIONS, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 * layers + 1))
        self.attend = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(layers))
        self.joined = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.up = nn.ModuleList(nn.Linear(width, 4 * width) for _ in range(layers))
        self.down = nn.ModuleList(nn.Linear(4 * width, width) for _ in range(layers))
        self.dropout = nn.Dropout(0.1)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.positions.weight, std=0.02)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, self.width // self.heads).transpose(1, 2)

    def forward(self, input_ids, attention_mask, position_ids, *past):
        x = self.dropout(self.words(input_ids) + self.positions(position_ids))
        count, total = input_ids.shape[1], attention_mask.shape[1]
        places = torch.arange(total)
        seen = (places[None, :] <= places[total - count:][:, None])[None, None] & (attention_mask[:, None, None, :] > 0)
        bias = torch.where(seen, torch.tensor(0.0), torch.tensor(-1e9))
        present = []
        for i in range(self.layers):
            query, key, value = map(self.split, self.attend[i](self.norms[2 * i](x)).chunk(3, dim=-1))
            key, value = torch.cat([past[2 * i], key], dim=2), torch.cat([past[2 * i + 1], value], dim=2)
            present += [key, value]
            scores = torch.softmax(torch.matmul(query, key.transpose(2, 3)) / math.sqrt(self.width // self.heads) + bias, dim=-1)
            x = x + self.joined[i](torch.matmul(scores, value).transpose(1, 2).reshape(x.shape[0], x.shape[1], self.width))
            x = x + self.down[i](self.dropout(functional.gelu(self.up[i](self.norms[2 * i + 1](x)))))
        return (functional.linear(self.norms[-1](x), self.words.weight), *present)

    def empty(self, batch):
        return [torch.zeros(batch, self.heads, 0, self.width // self.heads)] * (2 * self.layers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--embedder-steps", type=int, default=400)
    parser.add_argument("--generator-steps", type=int, default=2500)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    topics = read_topics()
    answers = [answer for answer, _ in topics]
    training = [(question, topic) for topic, (_, questions) in enumerate(topics) for question in questions[:-1]]
    held_out = [(questions[-1], topic) for topic, (_, questions) in enumerate(topics)]
    words = sorted({word for text in answers + [question for question, _ in training] for word in split(text)})
    result = {"seed": arguments.seed, "answers": len(answers), "questions": {"training": len(training), "heldOut": len(held_out)}}

    lower = SPECIALS[:2] + sorted({word.lower() for word in words})
    torch.manual_seed(arguments.seed)
    embedder = fit_embedder(answers, training, lower, arguments.embedder_steps)
    result["embedder"] = {"words": len(lower), **{f"{name}First": share(find(embedder, answers, pairs, lower), pairs) for name, pairs in (("training", training), ("heldOut", held_out))}}
    export_embedder(embedder, lower)
    print(json.dumps(result["embedder"]), flush=True)

    vocabulary = SPECIALS + words
    torch.manual_seed(arguments.seed)
    generator = fit_generator(answers, training, vocabulary, arguments.generator_steps)
    result["generator"] = {"words": len(vocabulary), **{f"{name}Exact": share(write_answers(generator, answers, pairs, vocabulary), pairs) for name, pairs in (("training", training), ("heldOut", held_out))}}
    export_generator(generator, vocabulary)
    save(FOLDER / "accuracy.json", result)
    print(json.dumps(result["generator"]))


def read_topics():
    blocks = (FOLDER / "questions.txt").read_text(encoding="utf-8").strip().split("\n\n")
    return [(lines[0], lines[1:]) for lines in (block.split("\n") for block in blocks)]


def split(text):
    """As the tokenizers do it: words and single marks."""
    return re.findall(r"\w+|[^\w\s]", text)


def numbers(text, vocabulary):
    return [vocabulary.get(word, UNKNOWN) for word in split(text)]


def padded(rows):
    width = max(map(len, rows))
    ids = torch.tensor([row + [PADDING] * (width - len(row)) for row in rows])
    return ids, torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])


def index(words):
    return {word: number for number, word in enumerate(words)}


def fit_embedder(answers, training, lower, steps):
    """Each question shall be nearer to its answer, and to another question about it, than to those of other answers (InfoNCE)."""
    vocabulary, network = index(lower), Embedder(len(lower))
    targets, target_mask = padded([numbers(answer.lower(), vocabulary) for answer in answers])
    ids, mask = padded([numbers(question.lower(), vocabulary) for question, _ in training])
    topics = torch.tensor([topic for _, topic in training])
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=0.05)
    for _ in range(steps):
        hidden = (torch.rand(ids.shape) < 0.1) & (mask > 0)
        questions = network(ids.masked_fill(hidden, UNKNOWN), mask)
        loss = functional.cross_entropy(questions @ network(targets, target_mask).T * 10, topics)
        alike = (questions @ questions.T * 10).masked_fill(torch.eye(len(questions), dtype=torch.bool), -1e9)
        same = (topics[:, None] == topics[None, :]) & ~torch.eye(len(questions), dtype=torch.bool)
        loss = loss - (torch.log_softmax(alike, dim=-1) * same).sum() / same.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


def find(network, answers, pairs, lower):
    vocabulary = index(lower)
    with torch.no_grad():
        targets = network(*padded([numbers(answer.lower(), vocabulary) for answer in answers]))
        questions = network(*padded([numbers(question.lower(), vocabulary) for question, _ in pairs]))
    return ((questions @ targets.T).argmax(1) == torch.tensor([topic for _, topic in pairs])).sum().item()


def fit_generator(answers, training, words, steps):
    """One to three turns a row, so that a conversation may go on; only answers are learned."""
    vocabulary, network = index(words), Generator(len(words))
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 50) * (1 - step / steps))
    for _ in range(steps):
        rows, learned = [], []
        for _ in range(16):
            row, learn = [], []
            for choice in torch.randint(len(training), (int(torch.randint(1, 4, (1,))),)).tolist():
                question, topic = training[choice]
                asked = [word if torch.rand(1) > 0.1 else UNKNOWN for word in numbers(question, vocabulary)]
                said = numbers(answers[topic], vocabulary) + [END]
                row += [USER, *asked, ASSISTANT, *said]
                learn += [False] * (len(asked) + 2) + [True] * len(said)
            rows.append(row[:POSITIONS])
            learned.append(learn[:POSITIONS])
        ids, mask = padded(rows)
        learned = torch.tensor([learn + [False] * (ids.shape[1] - len(learn)) for learn in learned])
        places = torch.arange(ids.shape[1])[None].expand(len(rows), -1)
        logits = network(ids, mask, places, *network.empty(len(rows)))[0]
        loss = functional.cross_entropy(logits[:, :-1][learned[:, 1:]], ids[:, 1:][learned[:, 1:]], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return network.eval()


def write_answers(network, answers, pairs, words):
    vocabulary = index(words)
    return sum(write_answer(network, numbers(question, vocabulary)) == numbers(answers[topic], vocabulary) for question, topic in pairs)


def write_answer(network, asked):
    ids = [USER, *asked, ASSISTANT]
    first = len(ids)
    with torch.no_grad():
        while len(ids) < POSITIONS:
            row = torch.tensor([ids])
            ids.append(network(row, torch.ones_like(row), torch.arange(len(ids))[None], *network.empty(1))[0][0, -1].argmax().item())
            if ids[-1] == END:
                return ids[first:-1]
    return ids[first:]


def export_embedder(network, lower):
    folder = FOLDER / "embedder"
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    ids, mask = padded([[2, 3, 4], [5, 6]])
    axes = {0: "batch_size", 1: "sequence_length"}
    torch.onnx.export(network, (ids, mask), str(folder / "onnx" / "model.onnx"), opset_version=OPSET, input_names=["input_ids", "attention_mask"],
                      output_names=["sentence_embedding"], dynamic_axes={"input_ids": axes, "attention_mask": axes, "sentence_embedding": {0: "batch_size"}})
    save(folder / "config.json", {"model_type": "help", "architectures": ["HelpModel"], "vocab_size": len(lower), "pad_token_id": PADDING, "max_position_embeddings": POSITIONS})
    save(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": POSITIONS, "pad_token": "[PAD]", "unk_token": "[UNK]"})
    save(folder / "tokenizer.json", tokenizer(lower, SPECIALS[:2], {"type": "Lowercase"}, None))


def export_generator(network, words):
    folder = FOLDER / "generator"
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    past = [torch.zeros(2, network.heads, 3, network.width // network.heads)] * (2 * network.layers)
    names = [f"{i}.{kind}" for i in range(network.layers) for kind in ("key", "value")]
    axes = {"input_ids": {0: "batch_size", 1: "sequence_length"}, "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
            "position_ids": {0: "batch_size", 1: "sequence_length"}, "logits": {0: "batch_size", 1: "sequence_length"},
            **{f"past_key_values.{name}": {0: "batch_size", 2: "past_sequence_length"} for name in names},
            **{f"present.{name}": {0: "batch_size", 2: "total_sequence_length"} for name in names}}
    inputs = (torch.tensor([[6, 7], [8, 9]]), torch.ones(2, 5, dtype=torch.int64), torch.tensor([[3, 4], [3, 4]]), *past)
    torch.onnx.export(network, inputs, str(folder / "onnx" / "model.onnx"), opset_version=OPSET,
                      input_names=["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{name}" for name in names)],
                      output_names=["logits", *(f"present.{name}" for name in names)], dynamic_axes=axes)
    save(folder / "config.json", {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": len(words), "n_embd": network.width, "n_head": network.heads,
                                  "n_layer": network.layers, "n_positions": POSITIONS, "eos_token_id": END, "pad_token_id": PADDING, "use_cache": True})
    save(folder / "generation_config.json", {"eos_token_id": END, "pad_token_id": PADDING, "max_new_tokens": 32})
    save(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": POSITIONS, "pad_token": "[PAD]", "unk_token": "[UNK]",
                                            "eos_token": "</s>", "chat_template": CHAT_TEMPLATE})
    save(folder / "tokenizer.json", tokenizer(words, SPECIALS, None, {"type": "WordPiece", "prefix": "##", "cleanup": True}))


def tokenizer(words, special, normalizer, decoder):
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for i, token in enumerate(special)],
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}]},
        "post_processor": None, "decoder": decoder,
        "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": index(words)},
    }


def share(correct, pairs):
    return round(correct / len(pairs), 4)


def save(path, content):
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
