"""The small vocabularies of the encoders: WordPiece for BERT and DistilBERT, byte-level BPE for RoBERTa, learned from a few sentences."""

from collections import Counter

SENTENCES = """
The old ferry leaves the harbour at seven and crosses to the island before noon.
Maria Keller moved from Berlin to Lisbon in the spring and opened a small bakery there.
Who built the bridge? The bridge was built by two brothers from the village.
A quiet, lovely film that never hurries, with music by a young composer from Oslo.
It rained for three days, and the river rose over the lower fields near the mill.
The museum is open every day except Monday; tickets cost five euros.
This example is about sports, politics or science. The story is good, the story is bad.
Dr. Chen works at the hospital in Toronto, where she leads a team of nine people.
""".strip()
MERGES = 220
WORDS = 150


def wordpiece(lowercase):
    """Tokens, tokenizer.json and tokenizer_config.json of BERT's tokenizer, uncased or cased."""
    text = SENTENCES.lower() if lowercase else SENTENCES
    letters = "abcdefghijklmnopqrstuvwxyz" + ("" if lowercase else "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    words = Counter("".join(c if c.isalpha() else " " for c in text).split())
    common = [word for word, _ in sorted(words.items(), key=lambda entry: (-entry[1], entry[0])) if len(word) > 1][:WORDS]
    endings = ["##s", "##ed", "##er", "##ly", "##ing", "##es", "##ness", "##est"]
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = specials + list(".,;:!?'\"()-0123456789") + list(letters) + ["##" + c for c in letters + "0123456789"] + [e for e in endings if len(e) > 3] + common
    config = {"tokenizer_class": "BertTokenizer" if lowercase else "DistilBertTokenizer", "do_lower_case": lowercase,
              "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added(specials, tokens),
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": lowercase},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
            "pair": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)],
            "special_tokens": {token: {"id": token, "ids": [tokens.index(token)], "tokens": [token]} for token in ("[CLS]", "[SEP]")},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": numbered(tokens)},
    }
    return tokens, tokenizer, config


def bytelevel():
    """Tokens, tokenizer.json and tokenizer_config.json of RoBERTa's tokenizer."""
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = byte_letters()
    merges = learn(alphabet)
    tokens = specials[:4] + sorted(alphabet.values()) + ["".join(pair) for pair in merges] + specials[4:]
    config = {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": False, "bos_token": "<s>", "eos_token": "</s>",
              "pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added(specials, tokens),
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": False},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False,
                  "vocab": numbered(tokens), "merges": [" ".join(pair) for pair in merges]},
    }
    return tokens, tokenizer, config


def byte_letters():
    """A printable letter for each byte (GPT-2): itself where it is one, else one from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(0x100 + i) for i, byte in enumerate(others)}


def learn(alphabet):
    """The most frequent pair again and again (Sennrich et al., 2016); of equally frequent ones, the first in order."""
    pieces = Counter()
    for line in SENTENCES.split("\n"):
        for i, word in enumerate(line.split(" ")):
            pieces[tuple(alphabet[byte] for byte in ((" " if i else "") + word).encode())] += 1
    merges, made = [], set()
    while len(merges) < MERGES:
        pairs = Counter()
        for piece, count in pieces.items():
            for pair in zip(piece, piece[1:]):
                if pair[0] + pair[1] not in made:
                    pairs[pair] += count
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        made.add(best[0] + best[1])
        pieces = Counter({merge(piece, best): count for piece, count in pieces.items()})
    return merges


def merge(piece, pair):
    merged, i = [], 0
    while i < len(piece):
        if piece[i:i + 2] == pair:
            merged.append(pair[0] + pair[1])
            i += 2
        else:
            merged.append(piece[i])
            i += 1
    return tuple(merged)


def added(specials, tokens):
    return [{"id": tokens.index(token), "content": token, "single_word": False, "lstrip": token == "<mask>", "rstrip": False, "normalized": False, "special": True}
            for token in sorted(specials, key=tokens.index)]


def numbered(tokens):
    assert len(set(tokens)) == len(tokens), [token for token, count in Counter(tokens).items() if count > 1]
    return {token: number for number, token in enumerate(tokens)}


def special(token, segment):
    return {"SpecialToken": {"id": token, "type_id": segment}}


def sequence(name, segment):
    return {"Sequence": {"id": name, "type_id": segment}}
