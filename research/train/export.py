"""A fitted model as ONNX: its learner, then its calibrator, in one graph."""

from research.train.fitting import Model
from research.train.graph import INPUT, Graph


def to_onnx(model: Model, features: int, classifier: bool) -> bytes:
    """``x`` (rows, features) float32 → ``probabilities`` (rows, 2) of a fall and a rise, or
    ``values`` (rows,) in basis points, the unit of models that learn online too. The same model
    gives the same bytes."""
    graph = Graph()
    said = model.calibrator.to_graph(graph, model.fitted.to_graph(graph, INPUT))
    return graph.finish(graph.probabilities(said) if classifier else said, features, classifier)
