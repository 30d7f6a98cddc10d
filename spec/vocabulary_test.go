package spec

// vocabulary is a small table of metrics that has every kind there is.
func vocabulary() Vocabulary {
	both := []Task{Binary, Multiclass}
	return Vocabulary{
		{Name: "accuracy", Tasks: both, Better: Higher, Bounded: true, Default: true},
		{Name: "f1", Tasks: []Task{Binary}, Better: Higher, Bounded: true, Default: true},
		{Name: "recall", Tasks: both, Better: Higher, Bounded: true, Takes: []string{"class"}},
		{Name: "recall_macro", Tasks: both, Better: Higher, Bounded: true},
		{Name: "f_beta", Tasks: both, Better: Higher, Bounded: true, Takes: []string{"beta", "class"}},
		{Name: "top_k_accuracy", Tasks: []Task{Multiclass}, Better: Higher, Bounded: true, Scores: true, Takes: []string{"k"}},
		{Name: "ece", Tasks: both, Better: Lower, Bounded: true, Scores: true, Takes: []string{"bins", "confidence"}},
		{Name: "f1_weighted", Tasks: both, Better: Higher, Bounded: true},
		{Name: "roc_auc", Tasks: []Task{Binary}, Better: Higher, Bounded: true, Scores: true, Default: true},
		{Name: "log_loss", Tasks: both, Better: Lower, Scores: true, Default: true},
		{Name: "high_confidence_error_rate", Tasks: both, Better: Lower, Bounded: true, Scores: true, Takes: []string{"above"}, Default: true},
		{Name: "positive_rate", Tasks: []Task{Binary}, Better: Neither, Bounded: true},
		{Name: "mae", Tasks: []Task{Regression}, Better: Lower, Default: true},
		{Name: "rmse", Tasks: []Task{Regression}, Better: Lower},
		{Name: "pinball", Tasks: []Task{Regression}, Better: Lower, Takes: []string{"quantile"}},
		{Name: "r2", Tasks: []Task{Regression}, Better: Higher, Signed: true},
	}
}

// environment is what the corpus reads; SECRET and REMOTE must never show.
func environment(name string) (string, bool) {
	v, ok := map[string]string{"DIR": "from-env", "SECRET": "hunter2 & co", "EMPTY": "", "REMOTE": "s3://key:hunter2@bucket/eval.csv", "T": "0.5", "AGE": "7"}[name]
	return v, ok
}

func options() Options { return Options{Vocabulary: vocabulary(), Getenv: environment} }
