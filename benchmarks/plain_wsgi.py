"""The same service with the plain pipeline inside: what gunicorn serves to be compared with."""

from ai_models.vision import weights
from benchmarks.plain import PlainEngine
from detections import vision
from posesmart.wsgi import application

__all__ = ["application"]

vision.engine = PlainEngine
weights.shape_predictor(), weights.descriptor_network()  # loaded before gunicorn forks, like ours
