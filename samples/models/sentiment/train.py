#!/usr/bin/python3
"""Trains the sentiment classifier on the sentences beside this file, measures it on those that were held out, and writes the exported model.

Needs Debian's python3-torch. One thread, under a minute; the same version of it gives the same files.
"""

import argparse
import json
import re
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).parent
LABELS = ["negative", "positive"]
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
PADDING, UNKNOWN, FIRST, LAST = range(4)
MAX_LENGTH = 128
OPSET = 14

# Many sentences of one file answer the one of the same line in the other, so both are held out together: every fifth line.
HELD_OUT_EVERY = 5


class Network(nn.Module):
    """Convolutions over word vectors (Kim, 2014), with the greatest and the mean response of each filter."""

    def __init__(self, words, width=32, filters=48):
        super().__init__()
        self.words = nn.Embedding(words, width, padding_idx=PADDING)
        self.filters = nn.ModuleList(nn.Conv1d(width, filters, size, padding=size // 2) for size in (1, 3))
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(4 * filters, len(LABELS))

    def forward(self, input_ids, attention_mask):
        mask = attention_mask.to(torch.float32).unsqueeze(1)
        vectors = self.words(input_ids).transpose(1, 2) * mask
        responses = torch.cat([torch.relu(convolve(vectors)) for convolve in self.filters], dim=1) * mask
        pooled = torch.cat([responses.amax(2), responses.sum(2) / mask.sum(2)], dim=1)
        return self.output(self.dropout(pooled))


def main():
    arguments = parse_arguments()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(arguments.seed)

    training, held_out = read_sentences()
    vocabulary = SPECIALS + sorted({word for sentence, _ in training for word in split(sentence)})
    if arguments.validate:
        validate(training, vocabulary, arguments)
        return

    network = fit(Network(len(vocabulary)), training, vocabulary, arguments)
    correct = sum(evaluate(network, held_out, vocabulary))
    export(network, vocabulary)
    result = {"seed": arguments.seed, "epochs": arguments.epochs, "sentences": {"training": len(training), "heldOut": len(held_out)}, "words": len(vocabulary),
              "trainingAccuracy": share(sum(evaluate(network, training, vocabulary)), training), "heldOutAccuracy": share(correct, held_out)}
    write(FOLDER / "accuracy.json", result)
    print(f"held-out accuracy {result['heldOutAccuracy']:.2%} ({correct} of {len(held_out)})")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--validate", action="store_true", help="only measure by cross-validation within the training sentences, for choosing the settings")
    return parser.parse_args()


def read_sentences():
    training, held_out = [], []
    for label, name in enumerate(LABELS):
        for number, sentence in enumerate((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()):
            (held_out if number % HELD_OUT_EVERY == 0 else training).append((sentence, label))
    return training, held_out


def split(sentence):
    """As the tokenizer does it: lower case, words and single marks."""
    return re.findall(r"\w+|[^\w\s]", sentence.lower())


def encode(sentences, vocabulary):
    numbers = {word: number for number, word in enumerate(vocabulary)}
    rows = [[FIRST, *(numbers.get(word, UNKNOWN) for word in split(sentence)), LAST] for sentence, _ in sentences]
    width = max(map(len, rows))
    ids = torch.tensor([row + [PADDING] * (width - len(row)) for row in rows])
    return ids, (ids != PADDING).to(torch.int64), torch.tensor([label for _, label in sentences])


def fit(network, sentences, vocabulary, arguments):
    ids, mask, labels = encode(sentences, vocabulary)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(arguments.epochs):
        network.train()
        for chosen in torch.randperm(len(ids)).split(16):
            # One word in ten becomes unknown, as words of new sentences will be.
            hidden = (torch.rand(ids[chosen].shape) < 0.1) & (ids[chosen] > LAST)
            loss = nn.functional.cross_entropy(network(ids[chosen].masked_fill(hidden, UNKNOWN), mask[chosen]), labels[chosen], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval()


def evaluate(network, sentences, vocabulary):
    ids, mask, labels = encode(sentences, vocabulary)
    with torch.no_grad():
        return (network(ids, mask).argmax(1) == labels).tolist()


def validate(training, vocabulary, arguments, folds=5):
    half = len(training) // 2
    correct = 0
    for fold in range(folds):
        outside = [entry for i, entry in enumerate(training) if i % half % folds == fold]
        inside = [entry for i, entry in enumerate(training) if i % half % folds != fold]
        words = SPECIALS + sorted({word for sentence, _ in inside for word in split(sentence)})
        torch.manual_seed(arguments.seed)
        correct += sum(evaluate(fit(Network(len(words)), inside, words, arguments), outside, words))
    print(f"cross-validated accuracy {correct / len(training):.2%} ({correct} of {len(training)}, {len(vocabulary)} words)")


def export(network, vocabulary):
    (FOLDER / "onnx").mkdir(exist_ok=True)
    example = torch.tensor([[FIRST, 5, 6, LAST], [FIRST, 7, LAST, PADDING]])
    axes = {0: "batch_size", 1: "sequence_length"}
    torch.onnx.export(
        network, (example, (example != PADDING).to(torch.int64)), str(FOLDER / "onnx" / "model.onnx"), opset_version=OPSET,
        input_names=["input_ids", "attention_mask"], output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch_size"}})
    write(FOLDER / "config.json", {
        "model_type": "sentiment", "architectures": ["SentimentForSequenceClassification"], "vocab_size": len(vocabulary), "pad_token_id": PADDING,
        "max_position_embeddings": MAX_LENGTH, "problem_type": "single_label_classification",
        "id2label": {str(i): label for i, label in enumerate(LABELS)}, "label2id": {label: i for i, label in enumerate(LABELS)}})
    write(FOLDER / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_LENGTH, "pad_token": "[PAD]", "unk_token": "[UNK]",
                                             "cls_token": "[CLS]", "sep_token": "[SEP]"})
    special = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    write(FOLDER / "tokenizer.json", {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for i, token in enumerate(SPECIALS)],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": False, "strip_accents": False, "lowercase": True},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}]},
        "post_processor": {"type": "TemplateProcessing", "single": special, "pair": special + [{"Sequence": {"id": "B", "type_id": 0}}, special[-1]],
                           "special_tokens": {token: {"id": token, "ids": [SPECIALS.index(token)], "tokens": [token]} for token in ("[CLS]", "[SEP]")}},
        "decoder": None,
        "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {word: number for number, word in enumerate(vocabulary)}},
    })


def share(correct, sentences):
    return round(correct / len(sentences), 4)


def write(path, content):
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
