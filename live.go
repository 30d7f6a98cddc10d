package noworse

import (
	"context"
	"path/filepath"

	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/spec"
)

// start is where the gate's port to models that run gets its adapters.
func (o Options) start(ctx context.Context, l *spec.Live, task model.Task, classes []string) (model.Predictor, error) {
	return nil, &model.Error{Message: "models that run are not in this version of noworse", Hint: "give the model's recorded answers as predictions"}
}

// answers is where the answers of models that run are kept: beside the copies of
// remote files. A machine without such a place keeps none.
func (o Options) answers() live.Cache {
	if o.Anew {
		return live.Cache{}
	}
	dir := o.Cache
	if dir == "" {
		var err error
		if dir, err = CacheDir(); err != nil {
			return live.Cache{}
		}
	}
	return live.Cache{Dir: filepath.Join(dir, "answers")}
}
