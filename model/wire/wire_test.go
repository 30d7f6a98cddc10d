//go:build unix

package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// TestMain lets this binary serve a model too, which behaves as its only argument says.
func TestMain(m *testing.M) {
	socket, ok := Socket()
	if !ok {
		os.Exit(m.Run())
	}
	how := os.Args[len(os.Args)-1]
	if how == "garbage" {
		fmt.Fprint(socket, strings.Repeat("this is no message", 100))
		time.Sleep(time.Minute)
	}
	err := Serve(context.Background(), socket, func(_ context.Context, options json.RawMessage) (model.Predictor, error) {
		return &fake{how: how, options: string(options)}, map[string]error{
			"refuses": &model.Error{Message: "no such model", Hint: "make one", Missing: true},
		}[how]
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fake is a model that answers the sum of its numbers, or misbehaves.
type fake struct{ how, options string }

func (f *fake) Describe() model.Description {
	return model.Description{Form: "fake", Fingerprint: f.options, Inputs: []model.Input{{Name: "x", Kind: dataset.Float}}, Versions: []model.Version{{Name: "fake", Version: "1"}}, Size: 5, Load: time.Second}
}

func (f *fake) Close() error { return nil }

func (f *fake) Predict(_ context.Context, in *model.Frame) (*model.Answers, error) {
	switch f.how {
	case "crashes":
		fmt.Println("the last words")
		os.Exit(3)
	case "killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Minute)
	case "hangs":
		time.Sleep(time.Minute)
	case "fails":
		return nil, &model.Error{Message: "I cannot", Detail: "because", Rows: []int{1}}
	case "grows":
		big := make([]byte, 64<<20)
		for i := range big {
			big[i] = 1
		}
	}
	a := &model.Answers{Numbers: make([]float64, in.Rows)}
	for _, c := range in.Columns {
		for i, v := range c.Floats {
			a.Numbers[i] += v
		}
	}
	fmt.Println("what a model prints does no harm")
	return a, nil
}

func open(t *testing.T, how string) *Model {
	t.Helper()
	m, err := Open(t.Context(), Command{Path: os.Args[0], Args: []string{how}}, model.Regression, map[string]string{"how": how})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

var two = &model.Frame{Rows: 2, Columns: []model.Column{{Name: "x", Kind: dataset.Float, Floats: []float64{1, 2}}, {Name: "y", Kind: dataset.Float, Floats: []float64{0.5, math.Inf(-1)}}}}

func TestModel(t *testing.T) {
	m := open(t, "well")
	if d := m.Describe(); !reflect.DeepEqual(d, (&fake{options: `{"how":"well"}`}).Describe()) {
		t.Errorf("%+v", d)
	}
	f := &model.Frame{Rows: 2, Columns: two.Columns[:1]}
	for range 3 {
		if a, err := m.Predict(t.Context(), f); err != nil || !slices.Equal(a.Numbers, []float64{1, 2}) {
			t.Errorf("%+v %v", a, err)
		}
	}
	_, err := m.Predict(t.Context(), two)
	if e, ok := errors.AsType[*model.Error](err); !ok || e.Gone || !slices.Equal(e.Rows, []int{1}) {
		t.Errorf("an answer that is -Inf: %v", err)
	}
	if a, err := m.Predict(t.Context(), f); err != nil {
		t.Errorf("after an error: %+v %v", a, err)
	}
	gone(t, m)
}

// gone closes a model, and wants its process to be no more and not a zombie.
func gone(t *testing.T, m *Model) {
	t.Helper()
	pid := m.process.cmd.Process.Pid
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
	if _, err := m.Predict(t.Context(), two); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: %v", err)
	}
}

// TestFailures: each way in which a model's process can fail is told, and leaves no
// process behind.
func TestFailures(t *testing.T) {
	for how, c := range map[string]struct {
		want string
		gone bool
	}{
		"crashes": {"the model's process ended with exit code 3\nthe last words", true},
		"killed":  {"the model's process was killed: it may have wanted more memory", true},
		"fails":   {"I cannot\nbecause", false},
	} {
		t.Run(how, func(t *testing.T) {
			m := open(t, how)
			for range 2 {
				_, err := m.Predict(t.Context(), two)
				e, ok := errors.AsType[*model.Error](err)
				if !ok || !strings.Contains(e.Error(), c.want) || e.Gone != c.gone {
					t.Errorf("got %v, want %s", err, c.want)
				}
			}
			gone(t, m)
		})
	}
}

// TestEndedFromOutside: a process may end while nobody asks it anything.
func TestEndedFromOutside(t *testing.T) {
	m := open(t, "well")
	if err := m.process.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-m.process.done
	_, err := m.Predict(t.Context(), two)
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Gone || !strings.Contains(e.Message, "was ended by a signal: terminated") {
		t.Errorf("got %v", err)
	}
}

func TestNotStarted(t *testing.T) {
	for how, want := range map[string]string{
		"refuses": "no such model\nmake one",
		"garbage": "the model's process cannot be understood",
	} {
		_, err := Open(t.Context(), Command{Path: os.Args[0], Args: []string{how}}, model.Regression, nil)
		if e, ok := errors.AsType[*model.Error](err); !ok || !strings.Contains(e.Error(), want) || e.Missing != (how == "refuses") {
			t.Errorf("%s: %v", how, err)
		}
	}
	_, err := Open(t.Context(), Command{Path: "/no/such/program"}, model.Regression, nil)
	if e, ok := errors.AsType[*model.Error](err); !ok || !strings.Contains(e.Message, "/no/such/program cannot be started for the model: no such file") {
		t.Errorf("%v", err)
	}
	_, err = Open(t.Context(), Command{Path: "/bin/sh", Args: []string{"-c", "echo I am no model >&2; exit 4"}}, model.Regression, nil)
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Gone || e.Error() != "the model's process ended with exit code 4\nI am no model" {
		t.Errorf("%v", err)
	}
}

// TestHang: what is not waited for is ended, with all it has started.
func TestHang(t *testing.T) {
	m := open(t, "hangs")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := m.Predict(ctx, two); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	_, err := m.Predict(t.Context(), two)
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Gone {
		t.Errorf("afterwards: %v", err)
	}
	gone(t, m)

	m = open(t, "hangs")
	answered := make(chan error)
	go func() {
		_, err := m.Predict(context.Background(), two)
		answered <- err
	}()
	time.Sleep(20 * time.Millisecond)
	m.Close()
	if err := <-answered; err == nil {
		t.Error("a call that hangs ends with Close")
	}
}

// TestMemory: 64 MB that a model takes to answer are seen, to a few that the
// runtime takes for itself.
func TestMemory(t *testing.T) {
	m := open(t, "grows")
	before, err := m.Memory(t.Context())
	if err != nil || before.Loaded == 0 || before.Peak-before.Loaded > 8<<20 {
		t.Fatalf("%+v %v", before, err)
	}
	if _, err := m.Predict(t.Context(), &model.Frame{Rows: 1}); err != nil {
		t.Fatal(err)
	}
	after, err := m.Memory(t.Context())
	if grown := int64(after.Peak) - int64(before.Peak); err != nil || after.Loaded != before.Loaded || grown < 60<<20 || grown > 90<<20 {
		t.Errorf("%+v, then %+v %v", before, after, err)
	}
}

// TestFrames: what is packed comes out as it went in, whatever it is.
func TestFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(0, 200).Draw(t, "rows")
		f := &model.Frame{Rows: rows, Columns: []model.Column{}}
		for _, kind := range rapid.SliceOfN(rapid.SampledFrom([]dataset.Kind{dataset.Integer, dataset.Float, dataset.Text, dataset.Bool, dataset.Time}), 0, 4).Draw(t, "kinds") {
			c := model.Column{Name: rapid.String().Draw(t, "name"), Kind: kind, Nullable: rapid.Bool().Draw(t, "nullable")}
			switch kind {
			case dataset.Float:
				c.Floats = rapid.SliceOfN(rapid.Float64(), rows, rows).Draw(t, "floats")
			case dataset.Text:
				c.Texts = rapid.SliceOfN(rapid.String(), rows, rows).Draw(t, "texts")
			case dataset.Bool:
				c.Ints = rapid.SliceOfN(rapid.Int64Range(0, 1), rows, rows).Draw(t, "bools")
			default:
				c.Ints = rapid.SliceOfN(rapid.Int64(), rows, rows).Draw(t, "ints")
			}
			if rows > 0 && rapid.Bool().Draw(t, "nulls") {
				c.SetNull(rapid.IntRange(0, rows-1).Draw(t, "null"), rows)
			}
			f.Columns = append(f.Columns, c)
		}
		raw, columns := pack(nil, f)
		got, err := unpack(rows, columns, raw)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Columns {
			want, c := f.Columns[i], got.Columns[i]
			if want.Name != c.Name || want.Kind != c.Kind || want.Nullable != c.Nullable || !slices.Equal(want.Ints, c.Ints) || !slices.Equal(want.Floats, c.Floats) || !slices.Equal(want.Texts, c.Texts) {
				t.Fatalf("got %+v, want %+v", c, want)
			}
			for row := range rows {
				if want.Null(row) != c.Null(row) {
					t.Fatalf("null in row %d", row)
				}
			}
		}
		if len(raw) > 0 {
			if _, err := unpack(rows, columns, raw[:len(raw)-1]); err == nil {
				t.Fatal("a body that is cut short was read")
			}
		}
		if _, err := unpack(rows, columns, append(raw, 0)); err == nil {
			t.Fatal("a body with something left was read")
		}
	})
}

func TestAnswers(t *testing.T) {
	for _, a := range []*model.Answers{
		{Numbers: []float64{1, 2, math.Copysign(0, -1)}},
		{Labels: []string{"", "a", "ü"}},
		{Labels: []string{"a", "b", "a"}, Classes: []string{"a", "b"}, Scores: [][]float64{{1, 0, 0.5}, {0, 1, 0.5}}},
		{Scores: [][]float64{{0.1, 0.2, 0.3}}},
	} {
		head, raw := packAnswers(a)
		text, err := json.Marshal(head)
		if err != nil {
			t.Fatal(err)
		}
		var read answer
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if got, err := read.unpack(3, raw); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("got %+v, want %+v: %v", got, a, err)
		}
		if _, err := read.unpack(3, raw[:len(raw)-1]); err == nil {
			t.Errorf("%+v cut short was read", a)
		}
	}
}

// FuzzReceive: no bytes make it panic or take memory that is not there.
func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Add([]byte("\x40\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00" + `{"rows":1,"columns":[{"name":"x","kind":"float","masked":true}]}` + "12345678"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 12 {
			b[6], b[7], b[8], b[9], b[10], b[11] = 0, 0, 0, 0, 0, 0 // a body of up to 64 kB
		}
		var r request
		raw, err := receive(bytes.NewReader(b), &r, nil)
		if err == nil && r.Rows >= 0 && r.Rows < 1<<20 {
			_, _ = unpack(r.Rows, r.Columns, raw)
		}
		var a answer
		if raw, err := receive(bytes.NewReader(b), &a, nil); err == nil && a.Scores < 1<<10 {
			_, _ = a.unpack(4, raw)
		}
	})
}
