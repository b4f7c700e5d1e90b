#!/usr/bin/env bash
# chinese_whispers_clustering(descriptors, 0.6) groups faces that are nearer than 0.6. One expects what the graph says:
# two neighbours are in one cluster, faces in another order give the same clusters, and a face that is near nobody is
# alone. Only the last holds. Looks of one face that drifts in steps of 0.5 (a head turning) are cut apart between
# neighbours, and the same looks in another order give other pieces and another number of people. It is not chance: one
# order gives the same clusters at every call and in every process.
# Seen with dlib 20.0.1 (dlib-bin 20.0.1.post1).
# So: count persons by distances to enrolled faces; clusters only of well separated ones (shown: two people, any order).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps dlib-bin==20.0.1.post1 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import sys

import dlib
import numpy as np

THRESHOLD = 0.6
random = np.random.default_rng(0)


def partition(looks, order):
    """The clusters, as sets of places in looks, found with the looks in that order."""
    labels = dlib.chinese_whispers_clustering([dlib.vector(looks[i].tolist()) for i in order], THRESHOLD)
    return {frozenset(int(i) for i, label in zip(order, labels) if label == other) for other in set(labels)}


def seen(looks):
    orders = [np.arange(len(looks)), *(random.permutation(len(looks)) for _ in range(20))]
    found = [partition(looks, order) for order in orders]
    assert all(partition(looks, order) == clusters for order, clusters in zip(orders, found))
    return found


drifting = np.zeros((12, 128))
drifting[:, 0] = 0.5 * np.arange(12)
two_people = random.normal(0, 0.01, (12, 128))
two_people[6:, 0] += 1
by_drift, by_people = seen(drifting), seen(two_people)
cut = [sum({i, i + 1} <= cluster for cluster in by_drift[0]) == 0 for i in range(11)]
counts = sorted({len(clusters) for clusters in by_drift})
print(f"dlib {dlib.__version__}, 12 looks in steps of 0.5: {sorted(map(sorted, by_drift[0]))}")
print(f"{sum(cut)} of 11 neighbours nearer than {THRESHOLD} are in different clusters")
print(f"the same in 20 other orders: {len(set(map(frozenset, by_drift)))} different answers, {counts} clusters")
print(f"two people, 1 apart: {len(set(map(frozenset, by_people)))} answer, {len(by_people[0])} clusters")
is_whole = all(clusters == by_people[0] for clusters in by_people) and len(by_people[0]) == 2
sys.exit(not (is_whole and any(cut) and len(set(map(frozenset, by_drift))) > 5 and len(counts) > 1))
PY
