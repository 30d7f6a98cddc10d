// Package service is the adapter to models behind HTTP servers.
//
//	Frame ─▶ protocol.prepare ─▶ batches ─▶ client ─▶ protocol.read ─▶ outputs ─▶ Answers
//
// Three protocols are known: Open Inference v2 (oip.go), MLflow's /invocations
// (mlflow.go) and TensorFlow Serving's REST (tfserving.go). What they share is how a
// server is asked, again where that helps (client.go), what its inputs take
// (inputs.go), and what its outputs say (outputs.go).
package service

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/noworse/noworse/model"
)

// Options say which model is asked, and how.
type Options struct {
	URL            string // of the server; the protocol adds its own path
	Protocol       string // oip, mlflow or tfserving
	Model, Version string // names at the server; "" where the protocol needs none
	Token          string // sent as bearer token, and never in a message
	// Label and Score are names of outputs; "": they are told by their types.
	Label, Score string
	// Classes are those of the scores, in the order in which the server gives them;
	// nil: it gives one score, or names them.
	Classes     []string
	Tensors     string        // oip: binary or json; "": binary where the server says that it knows it
	Batch       int           // rows of one request
	Concurrency int           // requests at the same time
	Timeout     time.Duration // for one request
	Pause       time.Duration // before a request is made again, at first; 0: firstPause
	Task        model.Task
}

// protocol is how one kind of server is spoken with.
type protocol interface {
	// learn asks the server what it is, and what its model wants.
	learn(ctx context.Context, c *client) (about, error)
	// prepare makes the requests about the rows of a frame: each about those from one
	// on to before another.
	prepare(f *model.Frame) (func(from, to int) question, error)
	// read is what a server answered to so many rows.
	read(r *reply, rows int) ([]output, error)
}

// about is what a server says of itself and its model.
type about struct {
	inputs   []model.Input
	versions []model.Version
	batch    int // rows that a request must have; 0: any
}

// Predictor is a model behind a server.
type Predictor struct {
	options  Options
	client   *client
	protocol protocol
	slots    chan struct{} // one for each request at the same time

	life  context.Context // ends with Close
	close context.CancelFunc

	mu    sync.Mutex
	about about
	model model.Version // which version answers, where it is told
	ended *model.Error  // why it answers no more
}

var _ model.Predictor = (*Predictor)(nil)

// Open asks a server about its model.
func Open(ctx context.Context, o Options) (*Predictor, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" {
		return nil, &model.Error{Message: "the url of the server is no URL", Hint: "write it as http://localhost:8080"}
	}
	p := &Predictor{options: o, client: newClient(base, o), slots: make(chan struct{}, max(o.Concurrency, 1))}
	switch o.Protocol {
	case "oip":
		p.protocol = &openInference{options: o}
	case "mlflow":
		p.protocol = &invocations{}
	case "tfserving":
		p.protocol = &tfServing{options: o}
	default:
		return nil, &model.Error{Message: fmt.Sprintf("there is no protocol %q", o.Protocol), Hint: "oip, mlflow or tfserving"}
	}
	p.life, p.close = context.WithCancel(context.Background())
	if p.about, err = p.protocol.learn(ctx, p.client); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Describe implements model.Predictor. A server's model has no fingerprint: a version
// is a name that somebody gave, and no digest.
func (p *Predictor) Describe() model.Description {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := model.Description{Form: "http", Inputs: p.about.inputs, Versions: p.about.versions}
	if p.model.Version != "" {
		d.Versions = append(d.Versions[:len(d.Versions):len(d.Versions)], p.model)
	}
	return d
}

// Close implements model.Predictor.
func (p *Predictor) Close() error {
	p.end(&model.Error{Message: "the model is closed", Gone: true})
	p.close()
	p.client.http.CloseIdleConnections()
	return nil
}

// end keeps the reason why no more is answered; the first one stays.
func (p *Predictor) end(why *model.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		p.ended = why
	}
}

func (p *Predictor) gone() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		return nil
	}
	return p.ended
}

// Predict implements model.Predictor.
func (p *Predictor) Predict(ctx context.Context, f *model.Frame) (*model.Answers, error) {
	if err := p.gone(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.Rows == 0 {
		return p.options.none(), nil
	}
	ask, err := p.protocol.prepare(f)
	if err != nil {
		return nil, err
	}
	parts, err := p.batches(ctx, f.Rows, ask)
	if err != nil {
		return nil, err
	}
	return p.options.answers(parts, f.Rows)
}

// batches asks about all rows, some at a time. After one that fails no more are begun;
// of several that fail the first one's error is told, so that it is the same each time.
func (p *Predictor) batches(ctx context.Context, rows int, ask func(from, to int) question) ([][]output, error) {
	size := max(p.options.Batch, 1)
	if p.about.batch > 0 {
		size = p.about.batch
	}
	parts := make([][]output, (rows+size-1)/size)
	errs := make([]error, len(parts))
	asked, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	var failed atomic.Bool
	var running sync.WaitGroup
	for i := range parts {
		if !p.slot(asked) {
			break
		}
		if failed.Load() {
			<-p.slots
			break
		}
		running.Go(func() {
			defer func() { <-p.slots }()
			from, to := i*size, min((i+1)*size, rows)
			if parts[i], errs[i] = p.batch(asked, ask(from, to), from, to); errs[i] != nil {
				failed.Store(true)
			}
		})
	}
	running.Wait()
	return parts, p.outcome(ctx, errs)
}

// slot waits for a request's turn; false if it is not waited for any more.
func (p *Predictor) slot(ctx context.Context) bool {
	select {
	case p.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// batch is one request and its answer.
func (p *Predictor) batch(ctx context.Context, q question, from, to int) ([]output, error) {
	q.what = "answer " + rowCount(to-from)
	r, err := p.client.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	list, err := p.protocol.read(r, to-from)
	if err != nil {
		return nil, err
	}
	return list, p.same(r.version)
}

// same holds all answers to one version of the model, where it is told: a server may
// get a new one while it is asked.
func (p *Predictor) same(version string) error {
	if version == "" {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.model.Version {
	case version:
		return nil
	case "":
		p.model = model.Version{Name: "model " + p.options.Model, Version: version}
		return nil
	}
	return &model.Error{Message: fmt.Sprintf("the server answered some rows with version %s of the model, and others with version %s", p.model.Version, version),
		Hint: "name the version that is meant: `version`", Gone: true}
}

// outcome is the error of the first batch that failed.
func (p *Predictor) outcome(ctx context.Context, errs []error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.life.Err(); err != nil {
		return p.gone()
	}
	for _, err := range errs {
		if e, ok := errors.AsType[*model.Error](err); ok && e.Gone {
			p.end(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rowCount is a number of rows in words.
func rowCount(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
