"""Figures of directed graphs by networkx, as JSON.

    python tests/network/networkx_answers.py < graphs.json      [{"nodes": 3, "links": [[0, 1, 2.5]]}, ...]
    python tests/network/networkx_answers.py --fixture > tests/network/fixtures/networkx.json

The fixture was made by networkx 3.6.1. A link has a weight; there are no loops.
"""
import json
import random
import sys

import networkx as nx


def answer(case):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(case["nodes"]))
    graph.add_weighted_edges_from(case["links"])
    nodes = range(case["nodes"])
    strong = list(nx.strongly_connected_components(graph))
    # Of several as large the one with the first node.
    largest = max(strong, key=lambda part: (len(part), -min(part)))
    inside = graph.subgraph(largest)
    has_paths = len(largest) > 1
    by_node = lambda values: [values[node] for node in nodes]
    return {
        "density": nx.density(graph),
        "inDegree": by_node(dict(graph.in_degree())),
        "outDegree": by_node(dict(graph.out_degree())),
        "reciprocity": nx.overall_reciprocity(graph) if graph.number_of_edges() else None,
        "clustering": by_node(nx.clustering(graph)),
        "clusteringByWeight": by_node(nx.clustering(graph, weight="weight")),
        "averageClustering": nx.average_clustering(graph),
        "betweenness": by_node(nx.betweenness_centrality(graph)),
        "averagePathLength": nx.average_shortest_path_length(inside) if has_paths else None,
        "diameter": nx.diameter(inside) if has_paths else None,
        "weakSizes": sorted(map(len, nx.weakly_connected_components(graph))),
        "strongSizes": sorted(map(len, strong)),
        "largestStrong": sorted(largest),
        "coreNumber": by_node(nx.core_number(graph)),
    }


def random_case(seed, nodes, density):
    """Half of the graphs have hubs, so that degrees differ; weights span six magnitudes."""
    draw = random.Random(seed)
    mass = [draw.random() ** (3 if seed % 2 else 0) for _ in range(nodes)]
    links = [
        [a, b, round(10 ** draw.uniform(0, 6), 2)]
        for a in range(nodes)
        for b in range(nodes)
        if a != b and draw.random() < density * (mass[a] + mass[b]) / (1 if seed % 2 else 2)
    ]
    return {"nodes": nodes, "links": links}


SHAPES = [(2, 0.5), (3, 0.9), (4, 0.7), (6, 0.4), (9, 0.3), (12, 0.2), (15, 0.5), (20, 0.1), (25, 0.2), (30, 0.08)]


if __name__ == "__main__":
    if "--fixture" in sys.argv:
        cases = [random_case(seed, *shape) for seed, shape in enumerate(SHAPES * 2)]
        cases += [{"nodes": 4, "links": []}, {"nodes": 5, "links": [[0, 1, 1.0], [1, 2, 1.0], [2, 0, 1.0], [3, 4, 2.0]]}]
        print("[")
        print(",\n".join(json.dumps({**case, "answer": answer(case)}) for case in cases))
        print("]")
    else:
        json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
