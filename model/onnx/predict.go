package onnx

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// most is how many rows ONNX Runtime is given at once: between calls there is a
// look at whether the answers are still wanted.
const most = 1 << 14

// call is what one call at a time needs, and is used again.
type call struct {
	tensors []tensor
	inputs  []ort.Value
	outputs []ort.Value
}

// Predict implements model.Predictor. Calls run at the same time.
func (p *Predictor) Predict(ctx context.Context, f *model.Frame) (*model.Answers, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.session == nil {
		return nil, &model.Error{Message: "the model is closed", Gone: true}
	}
	columns := make([][]*model.Column, len(p.inputs))
	for i := range p.inputs {
		var err error
		if columns[i], err = p.inputs[i].columns(f); err != nil {
			return nil, err
		}
	}
	a := &answers{outputs: &p.outputs, task: p.task, rows: f.Rows}
	if f.Rows == 0 {
		a.none()
		return &a.Answers, ctx.Err()
	}
	c := p.call()
	defer p.done(c)
	step := most
	if fixed := p.inputs[0].batch; fixed > 0 {
		step = fixed
	}
	for from := 0; from < f.Rows; from += step {
		n := min(step, f.Rows-from)
		size := n
		if p.inputs[0].batch > 0 {
			size = step
		}
		if err := p.run(ctx, c, columns, a, from, n, size); err != nil {
			return nil, err
		}
	}
	if err := a.Check(p.task, f.Rows); err != nil {
		return nil, explain(err, columns)
	}
	return &a.Answers, nil
}

// explain says of an answer that is no number whether the row lacked one.
func explain(err error, columns [][]*model.Column) error {
	e, ok := errors.AsType[*model.Error](err)
	if !ok || len(e.Rows) == 0 {
		return err
	}
	for _, c := range slices.Concat(columns...) {
		if c.Null(e.Rows[0]) || c.Kind == dataset.Float && math.IsNaN(c.Floats[e.Rows[0]]) {
			e.Hint = fmt.Sprintf("the row has no value in column %q, which the model was given as NaN: fill it in the data, or let the model do so", c.Name)
			return e
		}
	}
	return err
}

// none are the answers to no rows.
func (a *answers) none() {
	switch {
	case a.task == model.Regression:
		a.Numbers = []float64{}
	case a.label != "":
		a.Labels = []string{}
	default:
		a.Classes, a.Scores = a.classes, make([][]float64, max(len(a.classes), 1))
	}
}

func (p *Predictor) call() *call {
	p.idle.Lock()
	defer p.idle.Unlock()
	if last := len(p.calls) - 1; last >= 0 {
		c := p.calls[last]
		p.calls = p.calls[:last]
		return c
	}
	c := &call{inputs: make([]ort.Value, len(p.inputs)), outputs: make([]ort.Value, len(p.outputs.names()))}
	for i := range p.inputs {
		c.tensors = append(c.tensors, p.inputs[i].tensor())
	}
	return c
}

func (p *Predictor) done(c *call) {
	p.idle.Lock()
	defer p.idle.Unlock()
	p.calls = append(p.calls, c)
}

func (c *call) free() {
	for _, v := range c.inputs {
		if v != nil {
			v.Destroy()
		}
	}
}

// run answers n rows from one on; the model is given size of them.
func (p *Predictor) run(ctx context.Context, c *call, columns [][]*model.Column, a *answers, from, n, size int) error {
	for i, t := range c.tensors {
		value, err := t.fill(columns[i], from, n, size)
		if err != nil {
			return fault(err)
		}
		c.inputs[i] = value
	}
	if err := p.ask(ctx, c); err != nil {
		return err
	}
	defer c.release()
	if err := a.take(c.outputs, from, n, size); err != nil {
		return fault(err)
	}
	return nil
}

func (c *call) release() {
	for i, v := range c.outputs {
		if v != nil {
			v.Destroy()
			c.outputs[i] = nil
		}
	}
}

// ask runs the session, which ends early when the answers are not wanted any more.
func (p *Predictor) ask(ctx context.Context, c *call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	options, done, err := ending(ctx)
	if err != nil {
		return fault(err)
	}
	err = p.session.RunWithOptions(c.inputs, c.outputs, options)
	done()
	if err == nil {
		return nil
	}
	c.release()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &model.Error{Message: "ONNX Runtime could not run the model on these rows", Detail: said(err.Error())}
}

// ending are options of a run that ends when ctx is done. done frees them.
func ending(ctx context.Context) (options *ort.RunOptions, done func(), err error) {
	if ctx.Done() == nil {
		return nil, func() {}, nil
	}
	if options, err = ort.NewRunOptions(); err != nil {
		return nil, nil, err
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		options.Terminate()
		close(ended)
	})
	return options, func() {
		if !stop() {
			<-ended
		}
		options.Destroy()
	}, nil
}

// fault is an error of the model, with what ONNX Runtime says.
func fault(err error) error {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e
	}
	return &model.Error{Message: fmt.Sprintf("ONNX Runtime failed: %v", err)}
}
