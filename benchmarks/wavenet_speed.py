"""How fast a WaveNet draws: the compiled step beside full convolution and beside queues in Python.

    python benchmarks/wavenet_speed.py --threads 2
    python benchmarks/wavenet_speed.py --quick

All at the size of tensorflow-wavenet (50 layers, residual 32, skip 512, receptive field 5117), with untaught weights:
speed does not depend on what they are. Beside it stand the machine's own measured limits, in the same run. The last
line is ``realtime N.NN``: seconds of 16 kHz sound drawn in a second, one stream.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from numba import njit

from menura.compiled import QUICK
from menura.models.wavenet.model import WaveNet, tensorflow_wavenet
from menura.models.wavenet.sampling import Generator
from menura.nn.int8 import multiply, packed


def timed(draw: Callable[[int], object], count: int, repeats: int) -> float:
    """Samples a second, the median of repeats."""
    draw(max(count // 10, 1))
    rates = []
    for _ in range(repeats):
        started = time.perf_counter()
        draw(count)
        rates.append(count / (time.perf_counter() - started))
    return median(rates)


def ours(model: WaveNet, streams: int, threads: int) -> Callable[[int], object]:
    generator = Generator(model, list(range(streams)), threads)
    added = model.conditions({})
    return lambda count: generator.draw(count, added)


def full(model: WaveNet) -> Callable[[int], object]:
    """Every sample from the whole receptive field anew."""
    codes = torch.randint(0, 256, (1, model.config.receptive_samples))
    added = model.conditions({})

    @torch.inference_mode()
    def draw(count: int) -> None:
        nonlocal codes
        for _ in range(count):
            logits, _ = model(codes, added, model.start(1))
            code = torch.multinomial(torch.softmax(logits[:, -1], -1), 1)
            codes = torch.cat((codes[:, 1:], code), 1)

    return draw


class Layer:
    """One layer with its queue, as fast-wavenet has it."""

    def __init__(self, dilation: int, gates, residual, zeros) -> None:
        self.queue, self.at = [zeros] * dilation, 0
        self.gates, self.residual = gates, residual

    def swap(self, x):
        past, self.queue[self.at] = self.queue[self.at], x
        self.at = (self.at + 1) % len(self.queue)
        return past


def queues(model: WaveNet, torch_: bool) -> Callable[[int], object]:
    """A Python loop over layers and queues, in PyTorch or in NumPy."""
    take = (lambda p: p.detach()) if torch_ else (lambda p: p.detach().numpy())
    joined, tanh, zeros = (torch.cat, torch.tanh, torch.zeros) if torch_ else (np.concatenate, np.tanh, np.zeros)
    sigmoid = torch.sigmoid if torch_ else (lambda x: 1 / (1 + np.exp(-x)))
    relu = torch.relu if torch_ else (lambda x: np.maximum(x, 0))
    config, rng = model.config, np.random.default_rng(0)

    def pair(layer) -> tuple:
        return take(layer.weight), take(layer.bias)

    silence = zeros(config.residual) if torch_ else np.zeros(config.residual, np.float32)
    layers = [
        Layer(dilation, pair(gates), pair(residual), silence)
        for dilation, gates, residual in zip(config.dilations, model.gates, model.residuals, strict=True)
    ]
    first, skip, middle, last = take(model.first.weight), pair(model.skip), pair(model.middle), pair(model.last)
    codes = [128, 128]

    @torch.inference_mode()
    def draw(count: int) -> None:
        for _ in range(count):
            x, leaving = first[codes[0]] + first[256 + codes[1]], []
            for layer in layers:
                both = layer.gates[0] @ joined((layer.swap(x), x)) + layer.gates[1]
                z = tanh(both[: config.gates]) * sigmoid(both[config.gates :])
                leaving.append(z)
                x = x + layer.residual[0] @ z + layer.residual[1]
            out = relu(skip[0] @ joined(leaving) + skip[1])
            logits = last[0] @ relu(middle[0] @ out + middle[1]) + last[1]
            odds = np.exp(np.asarray(logits, np.float64) - float(logits.max()))
            code = int(np.searchsorted(np.cumsum(odds), rng.random() * odds.sum()))
            codes[0], codes[1] = codes[1], min(code, 255)

    return draw


@njit(**QUICK)
def _again(weights, x, columns, sums, count):
    for _ in range(count):
        multiply(weights, 0, x, columns, sums)


def limit(kilobytes: int) -> float:
    """Thousand millions of products a second, a byte read for each, of a matrix of so many kilobytes."""
    rows, columns = 512, 2 * kilobytes
    matrix = packed(np.random.default_rng(0).standard_normal((rows, columns)))
    x, sums = np.ones(matrix.columns, np.int16), np.zeros(rows, np.int32)
    count = max(int(4e8 / (rows * columns)), 1)
    rate = timed(lambda n: _again(matrix.weights, x, matrix.columns, sums, n), count, 3)
    return rate * rows * columns / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2, help="streams drawn at once, and PyTorch's threads")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, and not every number of streams")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    model = WaveNet(tensorflow_wavenet()).eval()
    rate, repeats = model.sample_rate_hz, 3 if args.quick else 7
    products = sum(p.numel() for name, p in model.named_parameters() if name.endswith("weight") and "first" not in name)
    print(f"{products / 1e6:.2f} million products a sample, {args.threads} threads\n")
    print("| what | samples a second | of real time at 16 kHz |\n|---|---|---|")

    def row(what: str, speed: float) -> float:
        print(f"| {what} | {speed:,.0f} | {speed / rate:.4g} |", flush=True)
        return speed

    one = row("ours, 1 stream (1 thread)", timed(ours(model, 1, 1), 16_000, repeats))
    for streams in (4,) if args.quick else (4, 16):
        each = timed(ours(model, streams, args.threads), 8000, repeats)
        row(f"ours, {streams} streams, all together ({args.threads} threads)", each * streams)
    torches = row("queues in PyTorch, 1 stream", timed(queues(model, True), 100, repeats))
    numpys = row("queues in NumPy, 1 stream", timed(queues(model, False), 100, repeats))
    whole = row("full convolution, 1 stream", timed(full(model), 3, repeats))
    print(
        f"\nours against full convolution {one / whole:.0f} times, queues in PyTorch {one / torches:.0f} times, ",
        end="",
    )
    print(f"queues in NumPy {one / numpys:.0f} times (goal 20)")
    near, far = limit(16), limit(800)
    used = one * products / 1e9
    print(f"one core multiplies {near:.0f} thousand million times a second from its first cache,")
    print(f"and {far:.0f} from its second;")
    print(f"ours does {used:.0f}, and reads as many bytes: {100 * used / far:.0f} % of what is possible")
    print(f"realtime {one / rate:.2f}")


if __name__ == "__main__":
    main()
