package spec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// untrustedSpec is a spec with these settings in a directory with a secret
// beside it and files that lead to it.
func untrustedSpec(t *testing.T, settings string) (path string) {
	t.Helper()
	top := t.TempDir()
	dir := filepath.Join(top, "project")
	for name, text := range map[string]string{
		"secret/policy.yaml": "metrics: {accuracy: {min: 0.9}}\n", "secret/eval.csv": "id,y\n",
		"project/data/eval.csv": "id,y\n", "project/.git/config": "[core]\n\ttoken = hunter2\n",
		"project/noworse.yaml": settings,
	} {
		file := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		"out.csv": "../secret/eval.csv", "out": "../secret", "nowhere.csv": "../secret/not-yet.csv", "git.yaml": ".git/config",
		"policy.yaml": "../secret/policy.yaml", "in.csv": "data/eval.csv", "spec.yaml": "../secret/policy.yaml",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	return filepath.Join(dir, "noworse.yaml")
}

func loadUntrusted(path string) (*Spec, error) {
	o := options()
	o.Untrusted = true
	return Load(path, o)
}

// TestUntrusted refuses every way out of the spec's directory, and says where
// the spec takes it.
func TestUntrusted(t *testing.T) {
	const rest = "task: binary\ncandidate: {predictions: {score: p}}\nmetrics: {accuracy: {min: 0}}\n"
	spec := func(path string) string {
		return "version: 1\ndata: {eval: {path: " + path + ", label: y}}\n" + rest
	}
	for name, c := range map[string]struct{ text, want string }{
		"its own":          {spec("data/eval.csv"), ""},
		"not there yet":    {spec("data/more/eval.csv"), ""},
		"a pattern":        {spec("'data/*.csv'"), ""},
		"a link inside":    {spec("in.csv"), ""},
		"dollars":          {spec("'a$${x}.csv'"), ""},
		"remote":           {spec("s3://bucket/eval.csv"), "2:21: path: refused by --untrusted: it is remote"},
		"web":              {spec("'https://u:hunter2@host/eval.csv'"), "2:21: path: refused by --untrusted: it is remote"},
		"absolute":         {spec("/etc/eval.csv"), "2:21: path: refused by --untrusted: it is absolute"},
		"backslash":        {spec(`'\\host\eval.csv'`), "2:21: path: refused by --untrusted: it is absolute"},
		"above":            {spec("../secret/eval.csv"), "2:21: path: refused by --untrusted: it has .."},
		"above, back":      {spec("data/../data/eval.csv"), "2:21: path: refused by --untrusted: it has .."},
		"hidden":           {spec(".git/eval.csv"), "2:21: path: refused by --untrusted: it has a name that begins with a dot"},
		"link":             {spec("out.csv"), "2:21: path: refused by --untrusted: it leads out of the directory of the spec"},
		"link to nowhere":  {spec("nowhere.csv"), "2:21: path: refused by --untrusted: it is a link that leads nowhere"},
		"linked directory": {spec("out/eval.csv"), "2:21: path: refused by --untrusted: it leads out of the directory of the spec"},
		"linked pattern":   {spec("'out/*.csv'"), "2:21: path: refused by --untrusted: it leads out of the directory of the spec"},
		"variable":         {spec("'${DIR}/eval.csv'"), "2:21: path: refused by --untrusted: it reads the environment"},
		"variable unset":   {spec("'${NOT_SET}/eval.csv'"), "2:21: path: refused by --untrusted: it reads the environment"},
		"variable in name": {"name: '${SECRET}'\n" + spec("data/eval.csv"), "1:7: name: refused by --untrusted: it reads the environment"},
		"join":             {strings.Replace(spec("data/eval.csv"), "label: y", "label: y, join: [{path: /x.csv, id: a}]", 1), "2:60: path: refused by --untrusted: it is absolute"},
		"predictions":      {strings.Replace(spec("data/eval.csv"), "score: p", "path: ../p.csv, score: p", 1), "refused by --untrusted: it has .."},
		"extends above":    {"extends: ../secret/policy.yaml\n" + spec("data/eval.csv"), "1:10: extends: refused by --untrusted: it has .."},
		"extends absolute": {"extends: /etc/passwd\n" + spec("data/eval.csv"), "1:10: extends: refused by --untrusted: it is absolute"},
		"extends link":     {"extends: policy.yaml\n" + spec("data/eval.csv"), "1:10: extends: refused by --untrusted: it leads out of the directory of the spec"},
		"extends hidden":   {"extends: git.yaml\n" + spec("data/eval.csv"), "1:10: extends: refused by --untrusted: it has a name that begins with a dot"},
		"live model":       {strings.Replace(spec("data/eval.csv"), "predictions: {score: p}", "python: {call: 'm:f'}", 1), "python: refused by --untrusted: it runs code"},
		"live data":        {strings.Replace(spec("data/eval.csv"), "path: data/eval.csv", "python: 'm:f'", 1), "python: refused by --untrusted: it runs code"},
		"http model":       {strings.Replace(spec("data/eval.csv"), "predictions: {score: p}", "http: {url: 'http://10.0.0.1', protocol: mlflow}", 1), "http: refused by --untrusted: it runs code, or leaves this machine"},
		"mlflow":           {strings.Replace(spec("data/eval.csv"), "predictions: {score: p}", "mlflow: models:/m@c", 1), "mlflow: refused by --untrusted: it runs code, or leaves this machine"},
		"onnx":             {strings.Replace(spec("data/eval.csv"), "predictions: {score: p}", "onnx: {path: data/eval.csv}", 1), ""},
		"onnx above":       {strings.Replace(spec("data/eval.csv"), "predictions: {score: p}", "onnx: {path: ../m.onnx}", 1), "path: refused by --untrusted: it has .."},
		"onnx library":     {strings.Replace(spec("data/eval.csv"), "predictions: {score: p}", "onnx: {path: data/eval.csv, library: data/eval.csv}", 1), "library: refused by --untrusted: it runs code"},
	} {
		t.Run(name, func(t *testing.T) {
			path := untrustedSpec(t, c.text)
			_, err := loadUntrusted(path)
			if c.want == "" {
				if err != nil {
					t.Fatalf("refused:\n%v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path+":") {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}

// TestUntrustedSpecItself: a spec that is a link out of its directory would
// have its lines quoted in messages.
func TestUntrustedSpecItself(t *testing.T) {
	path := filepath.Join(filepath.Dir(untrustedSpec(t, "")), "spec.yaml")
	if _, err := loadUntrusted(path); err == nil || err.Error() != path+": refused by --untrusted: it leads out of the directory of the spec\n      hint: "+ownFiles {
		t.Errorf("got %v", err)
	}
	missing := filepath.Join(filepath.Dir(path), "missing.yaml")
	if _, err := loadUntrusted(missing); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("got %v", err)
	}
}

// TestRefuses is about what a pattern has found: only a stranger's spec has
// files that it may not read.
func TestRefuses(t *testing.T) {
	path := untrustedSpec(t, "version: 1\ntask: binary\ndata: {eval: {path: '*.csv', label: y}}\ncandidate: {predictions: {score: p}}\nmetrics: {accuracy: {min: 0}}\n")
	dir := filepath.Dir(path)
	s, err := loadUntrusted(path)
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := Load(path, options())
	if err != nil {
		t.Fatal(err)
	}
	for file, refused := range map[string]bool{"in.csv": false, "data/eval.csv": false, "out.csv": true, "nowhere.csv": true, "out/eval.csv": true, ".git/config": true, "git.yaml": true, "../secret/eval.csv": true} {
		if got := s.Refuses()(filepath.Join(dir, file)); (got != "") != refused {
			t.Errorf("%s: %q", file, got)
		}
	}
	if trusted.Refuses() != nil {
		t.Error("a trusted spec refuses files")
	}
}
