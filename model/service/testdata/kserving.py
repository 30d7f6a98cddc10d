"""Serves the suite's three models by KServe's own server, which knows binary tensors.

kserving.py PORT WEIGHTS: WEIGHTS as for models.py.
"""
import json
import sys

import numpy as np
from kserve import InferOutput, InferResponse, Model, ModelServer

TYPES = {"x": "FP64", "k": "INT64"}


class Linear(Model):
    def __init__(self, task, w):
        super().__init__(task)
        self.task, self.w, self.ready = task, w, True

    async def get_input_types(self):
        return [{"name": n, "datatype": t, "shape": [-1, 1]} for n, t in TYPES.items()]

    def predict(self, payload, headers=None, response_headers=None):
        x, k = (payload.get_input_by_name(n).as_numpy().reshape(-1) for n in TYPES)
        sums = np.stack([w[0] * x + w[1] * k + b for w, b in zip(self.w["weights"], self.w["intercepts"])], axis=1).astype("f8")
        if self.task == "regression":
            outputs = {"number": sums[:, 0]}
        else:
            if sums.shape[1] == 1:
                p = 1 / (1 + np.exp(-sums))
                scores = np.hstack([1 - p, p])
            else:
                scores = np.exp(sums) / np.exp(sums).sum(axis=1, keepdims=True)
            outputs = {"label": np.array(self.w["classes"], dtype=object)[scores.argmax(axis=1)], "scores": scores}
        out = []
        for name, values in outputs.items():
            tensor = InferOutput(name, list(values.shape), "BYTES" if values.dtype == object else "FP64")
            tensor.set_data_from_numpy(values, binary_data=payload.use_binary_outputs)
            out.append(tensor)
        return InferResponse(model_name=self.name, infer_outputs=out, response_id=payload.id, use_binary_outputs=payload.use_binary_outputs, requested_outputs=payload.request_outputs)


models = [Linear(task, w) for task, w in json.loads(sys.argv[2]).items()]
ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, workers=1).start(models)
