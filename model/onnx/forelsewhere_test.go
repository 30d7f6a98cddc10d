package onnx

// PortModel is for tests that need another adapter too.
var PortModel = portModel
