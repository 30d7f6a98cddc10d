package noworse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Acceptance says how a candidate is to become the baseline.
type Acceptance struct {
	// Result is an earlier result of the same spec, whose verdict counts. It must
	// be about the rows and the answers as they are now. nil: the checks are run.
	Result *result.Result
	Force  bool   // whatever the verdict, and whether the candidate can be compared or not
	Reason string // why; needed with Force
	By     string // who accepts
}

// Refused is the error of a candidate that did not earn its place. The result
// says why.
type Refused struct{ Result *result.Result }

func (r *Refused) Error() string {
	return fmt.Sprintf("not accepted: the verdict is %s", r.Result.Verdict)
}

// Accept makes the candidate of a spec the baseline in the spec's store: if its
// checks pass, or if nothing was accepted there yet and no check fails. It
// returns the result that it went by, and the baseline; with the error *Refused
// only the result.
func Accept(ctx context.Context, s *spec.Spec, o Options, a Acceptance) (*result.Result, *baseline.Baseline, error) {
	r, b, err := accept(ctx, s, o, a)
	if refused, ok := errors.AsType[*Refused](err); ok {
		return r, nil, refused
	}
	if err != nil {
		return nil, nil, withoutSecrets(s, err)
	}
	return r, b, nil
}

func accept(ctx context.Context, s *spec.Spec, o Options, a Acceptance) (*result.Result, *baseline.Baseline, error) {
	if err := acceptable(s, o, a); err != nil {
		return nil, nil, err
	}
	var r *result.Result
	var b *baseline.Baseline
	err := o.withRows(ctx, s, func(o Options) (err error) {
		r, b, err = acceptRows(ctx, s, o, a)
		return err
	})
	return r, b, err
}

func acceptRows(ctx context.Context, s *spec.Spec, o Options, a Acceptance) (*result.Result, *baseline.Baseline, error) {
	r, judged, anew, err := verdictOf(ctx, s, o, a)
	if err != nil {
		return nil, nil, err
	}
	if !a.Force && !earned(r, judged) {
		return r, nil, &Refused{r}
	}
	var kept *baseline.Baseline
	err = gate.Record(ctx, s, o.ofGate(nil), func(b *baseline.Baseline, rows string) error {
		if err := sameRun(r, b, a.Result != nil); err != nil {
			return err
		}
		b.Accepted, b.By, b.Reason, b.Forced = o.now().UTC().Format(time.RFC3339), a.By, a.Reason, !earned(r, judged)
		if anew {
			b.Anchor = baseline.BeginsAnew()
		}
		b.Check = baseline.Check{Verdict: string(r.Verdict), Summary: r.Summary}
		kept = b
		return keptError(s, storeOf(s).Accept(ctx, b, rows, judged))
	})
	return r, kept, err
}

func (o Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// acceptable refuses what can be refused before a row is read.
func acceptable(s *spec.Spec, o Options, a Acceptance) error {
	switch {
	case s.Store == nil:
		return spec.Problems{s.Problem("baseline", "this spec keeps no baselines", "under baseline, name a directory: `store: baselines/"+s.Name+"`")}
	case a.Force && a.Reason == "":
		return errors.New("a forced accept needs a reason: whoever finds it in the history will ask")
	case o.Only != "":
		return errors.New("a baseline is accepted by all checks, not by some of them")
	case a.Result != nil && a.Result.Only != "":
		return fmt.Errorf("this result is of the checks that match %q: a baseline is accepted by all checks", a.Result.Only)
	case a.Result != nil && a.Result.Spec.SHA256 != s.SHA256:
		return fmt.Errorf("this result is not of %s as it is now: run noworse check again", s.Path)
	}
	return nil
}

// verdictOf is the result that decides, and the state of the store that the
// candidate was judged against. A candidate that cannot be compared can be
// accepted by force; it is judged on its own then, and begins anew.
func verdictOf(ctx context.Context, s *spec.Spec, o Options, a Acceptance) (r *result.Result, judged baseline.State, anew bool, err error) {
	if a.Result != nil {
		judged := baseline.NoBaseline
		if b := a.Result.Baseline; b != nil {
			judged = baseline.State(b.Checksum)
		}
		return a.Result, judged, false, nil
	}
	stored, err := loadStored(s)
	judged = baseline.NoBaseline
	if stored != nil {
		judged = stored.State()
	}
	if e, ok := errors.AsType[*gate.BaselineError](err); ok && e.State != "" {
		judged = e.State
	}
	if err == nil {
		r, err = check(ctx, s, o, stored)
	}
	if problems, ok := errors.AsType[spec.Problems](err); ok && a.Force && judged != baseline.NoBaseline {
		alone, without := check(ctx, s, o, nil)
		if without != nil {
			return nil, judged, false, without // what the candidate's own fault is
		}
		r, err, anew = alone, nil, true
		r.Notes = append(r.Notes, "Judged without the baseline of now, which it cannot be compared with: "+problems[0].Message+".")
	}
	return r, judged, anew, err
}

// earned says whether a candidate becomes the baseline without force: by a
// pass, or as the first one if nothing fails.
func earned(r *result.Result, judged baseline.State) bool {
	if judged == baseline.NoBaseline {
		return r.Verdict != result.Fail && r.Verdict != result.Error
	}
	return r.Verdict == result.Pass
}

// sameRun wants the rows and answers that were judged to be those that are kept.
func sameRun(r *result.Result, b *baseline.Baseline, earlier bool) error {
	what := ""
	switch {
	case r.Data.Eval.Fingerprint != b.Data.Fingerprint || r.Data.Eval.Rows != b.Data.Rows:
		what = "the evaluation set"
	case r.Candidate == nil || r.Candidate.Fingerprint != b.Model.Fingerprint:
		what = "the candidate's answers"
	default:
		return nil
	}
	if earlier {
		return fmt.Errorf("%s changed since this result: run noworse check again", what)
	}
	return fmt.Errorf("%s changed while they were read: nothing was accepted", what)
}

// storeOf is the store of a spec that names one.
func storeOf(s *spec.Spec) baseline.Store {
	return baseline.Store{Dir: s.Store.Path, Rows: s.Store.Rows}
}

// keptError says where in the spec an accept can be mended.
func keptError(s *spec.Spec, err error) error {
	if t, ok := errors.AsType[*baseline.TooLarge](err); ok {
		return spec.Problems{s.Problem("baseline.store", t.Error()+": git hosts refuse larger files",
			"beside store, name a directory for them: `rows: PATH`")}
	}
	if c, ok := errors.AsType[*baseline.Conflict](err); ok {
		return fmt.Errorf("%w\nnothing was accepted: check against the baseline of now", c)
	}
	return err
}

// History is every accepted baseline of a spec's store, the newest first.
func History(s *spec.Spec) ([]*baseline.Baseline, error) {
	if s.Store == nil {
		return nil, acceptable(s, Options{}, Acceptance{})
	}
	list, err := storeOf(s).History()
	return list, unusable(s, err)
}

// loadStored reads the baseline of a spec's store; nil if it has none, or if the
// spec has no store. An accept meanwhile takes the rows of the former baseline
// away: then the new one is read.
func loadStored(s *spec.Spec) (*gate.Stored, error) {
	if s.Store == nil {
		return nil, nil
	}
	if err := ownStore(s); err != nil {
		return nil, err
	}
	store := storeOf(s)
	b, err := store.Load()
	for err == nil && b != nil {
		stored, missing := withAnchor(s, store, b)
		if missing == nil {
			return stored, nil
		}
		before := b.State()
		if b, err = store.Load(); err == nil && b.State() == before {
			return nil, missing
		}
	}
	return nil, unusable(s, err)
}

// withAnchor is a baseline and its anchor, with their rows.
func withAnchor(s *spec.Spec, store baseline.Store, b *baseline.Baseline) (*gate.Stored, error) {
	path, err := store.RowsPath(b)
	if err != nil {
		return nil, unusable(s, err)
	}
	stored := &gate.Stored{Baseline: b, RowsPath: path}
	if stored.Profile, err = referenceOf(s, store, b); err != nil {
		return nil, unusable(s, err)
	}
	if b.Anchor == nil || s.Store.Anchor == spec.AnchorIgnored {
		return stored, nil
	}
	anchor, err := store.LoadAnchor(b)
	if err == nil {
		path, err = store.RowsPath(anchor)
	}
	if err != nil {
		return nil, anchorUnusable(s, err, b.State())
	}
	stored.Anchor = &gate.Stored{Baseline: anchor, RowsPath: path}
	return stored, nil
}

// ownStore refuses the store of a stranger's spec if it has a link, which could
// lead to another's files. A store has none of its own.
func ownStore(s *spec.Spec) error {
	for _, dir := range []string{s.Store.Path, s.Store.Rows} {
		if s.Refuses() == nil || dir == "" {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type()&fs.ModeSymlink != 0 {
				return spec.Problems{s.Problem("baseline", path+": refused by --untrusted: it is a link, and a store has none", "")}
			}
			return nil // what cannot be listed is told by who reads it
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unusable gives a store that cannot be relied on its place in the spec.
func unusable(s *spec.Spec, err error) error {
	u, ok := errors.AsType[*baseline.Unusable](err)
	if !ok {
		return err
	}
	return &gate.BaselineError{
		Problems: spec.Problems{s.Problem("baseline.store", u.Error(), "restore it from version control, or begin anew from the candidate: noworse baseline accept --force --reason '…'")},
		State:    u.State,
	}
}

// anchorUnusable is unusable for the anchor: the baseline is sound, and may take
// its place.
func anchorUnusable(s *spec.Spec, err error, state baseline.State) error {
	u, ok := errors.AsType[*baseline.Unusable](err)
	if !ok {
		return err
	}
	return &gate.BaselineError{
		Problems: spec.Problems{s.Problem("baseline.store", "the anchor: "+u.Error(), "restore it from version control; or "+gate.HintAnchor)},
		State:    state,
	}
}

// referenceOf is the profile of the reference that a baseline keeps, where the spec
// compares with it.
func referenceOf(s *spec.Spec, store baseline.Store, b *baseline.Baseline) (*profile.Profile, error) {
	if s.Drift == nil || s.Drift.Reference != spec.OfBaseline {
		return nil, nil
	}
	content, err := store.LoadReference(b)
	if content == nil || err != nil {
		return nil, err
	}
	p, err := profile.Decode(content)
	if err != nil {
		return nil, &baseline.Unusable{Path: s.Store.Path, Problem: "keeps a profile that cannot be read: " + err.Error(), State: b.State()}
	}
	return p, nil
}
