"""Trains the two ensembles of a model of the watched flow (docs/watch.md).

    python train.py FOLDER

reads of the folder task.json, features.f32 (rows of 32-bit floats), labels.u8 (1: labelled) and parts.u8 (of each row the
part that it is in), and prints what ensembles of the other parts say of each part, and the trees of those of all rows, as
JSON: nodes of each tree in five lists, where a leaf has the feature -1 and its value. A row goes left where its feature is
at most the threshold.
"""

import json
import sys
from pathlib import Path

import lightgbm
import numpy
import sklearn
from sklearn.ensemble import IsolationForest

folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
width = task["features"]
rows = numpy.fromfile(folder / "features.f32", dtype="<f4").reshape(-1, width).astype(numpy.float64)
labels = numpy.fromfile(folder / "labels.u8", dtype="u1")
parts = numpy.fromfile(folder / "parts.u8", dtype="u1")
asked = task["parameters"]


def mean_path(count):
    """Mean length of a path to one of so many rows in a random tree (Liu, Ting and Zhou 2008)."""
    if count <= 1:
        return 0.0
    if count == 2:
        return 1.0
    return 2.0 * (numpy.log(count - 1.0) + numpy.euler_gamma) - 2.0 * (count - 1.0) / count


def tree():
    return {"feature": [], "threshold": [], "left": [], "right": [], "value": []}


def node(nodes, feature, threshold, value):
    for name, content in zip(nodes, (feature, threshold, -1, -1, value)):
        nodes[name].append(content)
    return len(nodes["feature"]) - 1


def boosted(found, nodes):
    if "leaf_value" in found:
        return node(nodes, -1, 0.0, found["leaf_value"])
    at = node(nodes, found["split_feature"], found["threshold"], 0.0)
    nodes["left"][at] = boosted(found["left_child"], nodes)
    nodes["right"][at] = boosted(found["right_child"], nodes)
    return at


def isolated(found, columns, nodes, at=0, depth=0):
    """A leaf's value is the length of the path to it, with what its rows would take further."""
    if found.children_left[at] < 0:
        return node(nodes, -1, 0.0, depth + float(mean_path(found.n_node_samples[at])))
    put = node(nodes, int(columns[found.feature[at]]), float(found.threshold[at]), 0.0)
    nodes["left"][put] = isolated(found, columns, nodes, found.children_left[at], depth + 1)
    nodes["right"][put] = isolated(found, columns, nodes, found.children_right[at], depth + 1)
    return put


def trees(all_trees):
    out = []
    for write in all_trees:
        nodes = tree()
        write(nodes)
        out.append(nodes)
    return out


answer = {"libraries": {"scikit-learn": sklearn.__version__, "lightgbm": lightgbm.__version__}}

def learned(rows, labels):
    """The two ensembles. Outliers are sought in what is not labelled, as unknown kinds would be."""
    booster = lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": asked["leaves"],
            "learning_rate": asked["learningRate"],
            "min_data_in_leaf": asked["leastInLeaf"],
            "seed": asked["seed"],
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "zero_as_missing": False,
            "use_missing": False,
            "verbosity": -1,
        },
        lightgbm.Dataset(rows, label=labels),
        num_boost_round=asked["trees"],
    )
    forest = IsolationForest(
        n_estimators=asked["isolationTrees"],
        max_samples=min(asked["isolationSample"], int((labels == 0).sum())),
        random_state=asked["seed"],
    ).fit(rows[labels == 0].astype(numpy.float32))
    return booster, forest


def said(booster, forest, rows):
    return {
        "boosting": booster.predict(rows, raw_score=True).tolist(),
        "isolation": (-forest.score_samples(rows.astype(numpy.float32))).tolist(),
    }


unseen = {"boosting": [], "isolation": []}
for part in numpy.unique(parts):
    inside = parts == part
    # One kind of row alone teaches nothing.
    shown = ~inside if numpy.unique(labels[~inside]).size == 2 else numpy.ones_like(inside)
    for name, values in said(*learned(rows[shown], labels[shown]), rows[inside]).items():
        unseen[name] += values
answer["unseen"] = unseen

booster, forest = learned(rows, labels)
dumped = booster.dump_model()["tree_info"]
answer["boosting"] = trees([lambda n, t=t: boosted(t["tree_structure"], n) for t in dumped])
answer["isolation"] = trees(
    [
        lambda n, e=e, c=c: isolated(e.tree_, c, n)
        for e, c in zip(forest.estimators_, forest.estimators_features_)
    ]
)
answer["isolationSample"] = int(forest.max_samples_)
answer["meanPath"] = float(mean_path(forest.max_samples_))

# What the libraries themselves say of the first rows of each kind: a reader of the model is held against it.
shown = numpy.concatenate([numpy.flatnonzero(labels == 1)[:20], numpy.flatnonzero(labels == 0)[:20]])
answer["check"] = {"rows": rows[shown].tolist(), **said(booster, forest, rows[shown])}
json.dump(answer, sys.stdout)
