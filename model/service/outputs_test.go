package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/internal/gatetest/modeltest"
	"github.com/noworse/noworse/model"
)

// TestPredictions: what servers without types answer, by MLflow's protocol, for two rows.
func TestPredictions(t *testing.T) {
	yesNo := []string{"no", "yes"}
	for name, c := range map[string]struct {
		predictions string
		o           Options
		want        string // labels, scores by class, numbers; or the error
	}{
		"labels":               {`["no","yes"]`, Options{}, "[no yes] [] []"},
		"whole numbers":        {`[0,1]`, Options{}, "[0 1] [] []"},
		"booleans":             {`[false,true]`, Options{}, "[false true] [] []"},
		"scores":               {`[0.25,1]`, Options{}, "[] [[0.25 1]] []"},
		"scores, whole at end": {`[1,0.25]`, Options{}, "[] [[1 0.25]] []"},
		"scores by name":       {`[0,1]`, Options{Score: "predictions"}, "[] [[0 1]] []"},
		"a label by name":      {`[0.0,1.0]`, Options{Label: "predictions"}, "[0 1] [] []"},
		"a column each":        {`[[0.75,0.25],[0,1]]`, Options{Classes: yesNo}, "[] no,yes[[0.75 0] [0.25 1]] []"},
		"one column":           {`[[0.75],[0.5]]`, Options{}, "[] [[0.75 0.5]] []"},
		"beyond by rounding":   {`[1.0000001,-1e-9]`, Options{}, "[] [[1 0]] []"},
		"records":              {`[{"label":"no","p":0.25},{"label":"yes","p":1}]`, Options{}, "[no yes] [[0.25 1]] []"},
		"records of classes":   {`[{"no":0.75,"yes":0.25},{"no":0,"yes":1}]`, Options{Classes: yesNo}, "[] no,yes[[0.75 0] [0.25 1]] []"},
		"and a label":          {`[{"no":0.75,"yes":0.25,"is":"no"},{"no":0,"yes":1,"is":"yes"}]`, Options{Classes: yesNo}, "[no yes] no,yes[[0.75 0] [0.25 1]] []"},
		"lists by name":        {`{"label":["no","yes"],"p":[0.25,1]}`, Options{}, "[no yes] [[0.25 1]] []"},
		"numbers":              {`[3,2.5]`, Options{Task: model.Regression}, "[] [] [3 2.5]"},
		"whole numbers of one": {`[3,2]`, Options{Task: model.Regression}, "[] [] [3 2]"},
		"huge":                 {`[Infinity,1]`, Options{Task: model.Regression}, "the model answered a number that is +Inf"},
		"texts of NaN":         {`["NaN","say \"Infinity\""]`, Options{}, `[NaN say "Infinity"] [] []`},

		"too few":             {`["no"]`, Options{}, `the server answered 1 entries of "predictions" for 2 rows`},
		"one":                 {`"no"`, Options{}, `the server answered one value of "predictions" for 2 rows`},
		"nothing":             {`null`, Options{}, "the server's answer has no predictions"},
		"a label and a text":  {`[1,"a"]`, Options{}, `the server answered "a" among the values of "predictions"`},
		"a label, none":       {`["a",null]`, Options{}, `the server answered null among the values of "predictions"`},
		"uneven":              {`[[0.5,0.5],[1]]`, Options{Classes: yesNo}, `the server answered 1 values of "predictions" for one row, and another number for others`},
		"empty":               {`[[],[]]`, Options{}, `the server answered 0 values of "predictions" for one row`},
		"uneven records":      {`[{"a":1},{"b":1}]`, Options{}, `the server answered "a" for one row, and something else for another`},
		"records and values":  {`[{"a":1},2]`, Options{}, `the server answered "a" for one row, and something else for another`},
		"an unknown name":     {`[{"a":1},{"a":2}]`, Options{Label: "b"}, `the server has no output "b"`},
		"two labels":          {`[{"a":1,"b":1},{"a":2,"b":1}]`, Options{}, "the server has several outputs that may be the label"},
		"three scores of two": {`[[1,2,3],[1,2,3.5]]`, Options{Classes: yesNo}, "the server answers 3 scores for each row, and there are 2 classes"},
		"two numbers":         {`[[1,2],[1,2.5]]`, Options{Task: model.Regression}, "the server answers 2 numbers for each row"},
		"a text as number":    {`["a","b"]`, Options{Task: model.Regression}, "the server answers no number"},
		"a text as score":     {`["a","b"]`, Options{Score: "predictions"}, `the server's output "predictions" cannot be scores: it is text`},
	} {
		t.Run(name, func(t *testing.T) {
			p := invoked(t, fmt.Sprintf(`{"predictions": %s}`, c.predictions), c.o)
			a, err := p.Predict(t.Context(), modeltest.Rows(2))
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = fmt.Sprintf("%v %s%v %v", a.Labels, strings.Join(a.Classes, ","), a.Scores, a.Numbers)
			}
			if got != c.want && !(err != nil && strings.HasPrefix(got, c.want)) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// invoked is the model of a server that knows nothing but /invocations.
func invoked(t *testing.T, answer string, o Options) model.Predictor {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/below/invocations" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	if o.Task == "" {
		o.Task = model.Binary
	}
	o.URL, o.Protocol, o.Batch, o.Pause = server.URL+"/below/", "mlflow", 10, time.Millisecond
	p, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// TestTwoWays: batches whose outputs differ are no answers; whole numbers and others are.
func TestTwoWays(t *testing.T) {
	o := Options{Task: model.Regression}
	part := func(text string) []output {
		var v any
		(&reply{body: []byte(`{"v":` + text + `}`)}).object(&v)
		list, err := outputsOf("p", v.(map[string]any)["v"], 2)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	for _, parts := range [][]string{{"[1,2]", "[0.5,3]"}, {"[0.5,3]", "[1,2]"}} {
		a, err := o.answers([][]output{part(parts[0]), part(parts[1])}, 4)
		if err != nil || len(a.Numbers) != 4 {
			t.Errorf("%v: %+v, %v", parts, a, err)
		}
	}
	for _, other := range []string{`["a","b"]`, `[[1,2],[3,4]]`, `[{"q":1},{"q":2}]`, `[{"p":1,"q":1},{"p":2,"q":1}]`, `[true,false]`} {
		if a, err := o.answers([][]output{part("[1,2]"), part(other)}, 4); err == nil || !strings.Contains(err.Error(), "the server answers in two ways") {
			t.Errorf("%s: %+v, %v", other, a, err)
		}
	}
}

// TestBinaryAnswers: tensors in bytes, and what is wrong with them.
func TestBinaryAnswers(t *testing.T) {
	outputs := func(datatype string, size int) string {
		return fmt.Sprintf(`{"outputs":[{"name":"p","datatype":%q,"shape":[2],"parameters":{"binary_data_size":%d}}]}`, datatype, size)
	}
	for name, c := range map[string]struct {
		head, tail string
		want       string
	}{
		"FP32":      {outputs("FP32", 8), "\x00\x00\x00\x3f\x00\x00\x80\x3f", "[0.5 1]"},
		"INT8":      {outputs("INT8", 2), "\xff\x7f", "[-1 127]"},
		"UINT8":     {outputs("UINT8", 2), "\xff\x7f", "[255 127]"},
		"INT64":     {outputs("INT64", 16), "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x80", "[-1 -9223372036854775808]"},
		"UINT64":    {outputs("UINT64", 16), "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x80", "[18446744073709551615 9223372036854775808]"},
		"BOOL":      {outputs("BOOL", 2), "\x00\x01", "[false true]"},
		"BYTES":     {outputs("BYTES", 11), "\x03\x00\x00\x00yes\x00\x00\x00\x00", "[yes ]"},
		"too short": {outputs("FP32", 8), "\x00\x00\x00", `the server's answer ends within "p": 3 bytes of 8`},
		"too long":  {outputs("FP32", 8), "\x00\x00\x00\x3f\x00\x00\x80\x3f!", "the server's answer has 1 bytes more than its tensors"},
		"negative":  {outputs("FP32", -1), "", `the server's answer ends within "p"`},
		"half":      {outputs("FP32", 7), "1234567", "which are no whole number of FP32"},
		"long text": {outputs("BYTES", 8), "\xff\xff\xff\xffabcd", "which are no whole number of BYTES"},
		"cut text":  {outputs("BYTES", 2), "\x00\x00", "which are no whole number of BYTES"},
		"one":       {outputs("INT8", 1), "\x00", `the server answered "p" with the shape [2] and 1 values for 2 rows`},
	} {
		t.Run(name, func(t *testing.T) {
			r := &reply{header: http.Header{headerLength: {fmt.Sprint(len(c.head))}}, body: []byte(c.head + c.tail)}
			list, err := new(openInference).read(r, 2)
			got := ""
			if err != nil {
				got = err.Error()
			} else if got = fmt.Sprint(list[0].texts); list[0].texts == nil {
				got = fmt.Sprint(list[0].numbers)
			}
			if got != c.want && !(err != nil && strings.Contains(got, c.want)) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for _, n := range []string{"-1", "99", "x"} {
		if _, err := new(openInference).read(&reply{header: http.Header{headerLength: {n}}, body: []byte("{}")}, 2); err == nil || !strings.Contains(err.Error(), "the server's answer is 2 bytes") {
			t.Errorf("%s: got %v", n, err)
		}
	}
}

// TestPlain: words that are no JSON become what JSON can say, and only where they are
// no texts.
func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		`[NaN, -Infinity, Infinity]`:   `[null, -1e999, 1e999]`,
		`["NaN \" NaN", NaN]`:          `["NaN \" NaN", null]`,
		`{"Infinity": "\\", "a": NaN}`: `{"Infinity": "\\", "a": null}`,
		`["NaN`:                        `["NaN`,
		`["NaN\`:                       `["NaN\`,
		`Na`:                           `Na`,
	} {
		if got := string(plain([]byte(text))); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// FuzzAnswers: no answer is a panic, and one that is read has values for every row.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"outputs":[{"name":"p","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}}]}12345678`), 91)
	f.Add([]byte(`{"outputs":[{"name":"p","datatype":"BYTES","shape":[2,1],"data":["a","b"]}],"predictions":[[1,2],[NaN,0.5]]}`), -1)
	f.Add([]byte(`{"outputs":{"a":[1,2],"b":[["x"],["y"]]},"predictions":[{"a":1},{"a":true}]}`), -1)
	f.Fuzz(func(t *testing.T, body []byte, head int) {
		r := &reply{header: http.Header{}, body: body}
		if head >= 0 {
			r.header.Set(headerLength, fmt.Sprint(head))
		}
		for _, p := range []protocol{new(openInference), new(invocations), new(tfServing)} {
			list, err := p.read(r, 2)
			if err != nil {
				continue
			}
			for _, out := range list {
				if out.len() != 2*out.width || out.width == 0 {
					t.Fatalf("%+v", out)
				}
			}
			o := Options{Task: model.Binary, Classes: []string{"a", "b"}}
			if a, err := o.answers([][]output{list}, 2); err == nil {
				if err := a.Check(model.Binary, 2); err != nil {
					t.Fatal(err)
				}
			}
		}
		if json.Valid(body) && !bytes.Equal(plain(body), body) {
			t.Fatalf("%q became %q", body, plain(body))
		}
	})
}
