package spec

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const signed = "https://user:hunter2@host/old.csv?X-Amz-Signature=hunter2abc#part"

// TestRemoteSecrets keeps passwords and signatures out of messages: out of what
// is said of a URL, and out of the line that is quoted, whose caret stays.
func TestRemoteSecrets(t *testing.T) {
	s, err := Parse("noworse.yaml", []byte("version: 1\ntask: binary\ndata: {eval: {path: '"+signed+"', label: y}}\ncandidate: {predictions: {score: p}}\nmetrics: {accuracy: {min: 0}}\n"), options())
	if err != nil {
		t.Fatal(err)
	}
	if s.Eval.Path != signed {
		t.Errorf("the path to fetch is %s", s.Eval.Path)
	}
	got := s.Problem("data.eval.label", signed+" has no column y; the query was X-Amz-Signature=hunter2abc, the password hunter2", "try "+signed).Error()
	want := `noworse.yaml:3:97: https://***@host/old.csv?*** has no column y; the query was ***, the password ***
    3 | data: {eval: {path: 'https://************@host/old.csv?*******************************', label: y}}
      |                                                                                                 ^
      hint: try https://***@host/old.csv?***`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMasked(t *testing.T) {
	for line, want := range map[string]string{
		`path: https://u:pä@h/x.csv?sig=1&b=2 # why?`: `path: https://****@h/x.csv?********* # why?`,
		`{path: s3://key:secret@bucket/x, id: "a?b"}`: `{path: s3://**********@bucket/x, id: "a?b"}`,
		`path: "https://h/x.csv"`:                     `path: "https://h/x.csv"`,
		`mail: a@b.c?d`:                               `mail: a@b.c?d`,
		`http: {token: s3cret, url: "http://h"}`:      `http: {token: ******, url: "http://h"}`,
		`"token": 'ab token'`:                         `"token": '** token'`,
		`token: ${TOKEN}`:                             `token: ${TOKEN}`,
	} {
		if got := masked(line); got != want || len([]rune(got)) != len([]rune(line)) {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

// TestRemoteSecretsAlways: whatever the password and the query are, no message
// and no quoted line has them, and a line keeps its width.
func TestRemoteSecretsAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Z][A-Za-z0-9~!$&()+;=:._-]{5,20}`)
		password, query := secret.Draw(t, "password"), secret.Draw(t, "query")
		path := rapid.StringMatching(`/[a-z0-9/._-]{0,20}x\.csv`).Draw(t, "path")
		url := "https://me:" + password + "@host" + path + "?" + query
		line := `  eval: {path: "` + url + `", id: id}`
		shown := masked(line)
		redacted := (&Spec{sources: &sources{secrets: secretsOf(url)}}).Redact("cannot read " + url + ", queried by " + query)
		for _, text := range []string{shown, redacted, RedactURL(url)} {
			if strings.Contains(text, password) || strings.Contains(text, query) {
				t.Errorf("a secret is shown: %s", text)
			}
		}
		if len(shown) != len(line) || !strings.HasSuffix(shown, `", id: id}`) {
			t.Errorf("got %s", shown)
		}
		if want := "https://***@host" + path + "?***"; RedactURL(url) != want {
			t.Errorf("got %s, want %s", RedactURL(url), want)
		}
	})
}
