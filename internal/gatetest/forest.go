package gatetest

import (
	"math/rand/v2"

	"github.com/noworse/noworse/internal/onnxfile"
)

// Forest is a model that takes its time and knows nothing: trees of random
// questions, each of 2^depth leaves. The same forest for the same arguments.
func Forest(trees, depth, features int) onnxfile.Forest {
	r := rand.New(rand.NewPCG(uint64(trees), uint64(depth)))
	f := onnxfile.Forest{Features: features, Classes: []string{"0", "1"}, Trees: make([]onnxfile.Tree, trees)}
	for i := range f.Trees {
		grow(r, &f.Trees[i], depth, features)
	}
	return f
}

// grow adds a tree's branch and says where it begins.
func grow(r *rand.Rand, t *onnxfile.Tree, depth, features int) int {
	at := len(*t)
	if depth == 0 {
		p := r.Float32()
		*t = append(*t, onnxfile.TreeNode{Leaf: []float32{1 - p, p}})
		return at
	}
	*t = append(*t, onnxfile.TreeNode{Feature: r.IntN(features), Most: float32(r.NormFloat64())})
	yes := grow(r, t, depth-1, features)
	no := grow(r, t, depth-1, features)
	(*t)[at].Yes, (*t)[at].No = yes, no
	return at
}
