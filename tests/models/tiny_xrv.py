"""A DenseNet of TorchXRayVision's own class and shape with weights made on the spot, written as people write them."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import torch
import torchxrayvision


def network(seed: int = 0) -> Any:
    """The real network, random, with the published operating points; one to change."""
    return deepcopy(_network(seed))


@cache
def _network(seed: int) -> Any:
    torch.manual_seed(seed)
    points = torchxrayvision.models.model_urls["all"]["op_threshs"]
    made = torchxrayvision.models.DenseNet(op_threshs=torch.tensor(points)).eval()
    with torch.no_grad():  # else nearly every score of a random network is 0 or 1
        made.classifier.weight.mul_(0.01)
    return made


def save_state(path: Path, seed: int = 0) -> Path:
    """Write the weights alone."""
    torch.save(network(seed).state_dict(), path)
    return path
