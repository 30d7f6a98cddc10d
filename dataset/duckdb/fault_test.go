package duckdb

import (
	"strings"
	"testing"
)

// TestCSVFault finds what is wrong with a CSV file, and where.
func TestCSVFault(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"whole", "id,a\n1,x\n\n2,\"y\n,\"\"z\"\n", ""},
		{"empty", "", ""},
		{"no end", "id,a\n1,x", ""},
		{"fewer", "id,a,b\n1,x,y\n2\n", "line 3 has 1 column where the header has 3"},
		{"more", "id,a\n1,x\n\n2,y,\n", "line 4 has 3 columns where the header has 2"},
		{"after a quoted newline", "id,a\n1,\"x\ny\"\n2\n", "line 4 has 1 column where the header has 2"},
		{"open quote", "id,a\n1,x\n2,\"y\n3,z\n", "line 3 opens a quote that nothing closes"},
		{"text after a quote", "id,a\n1,\"x\"y\n", "line 2 has text after a closing quote: a quote inside a quoted value is written twice"},
		{"quote within", "id,a\n1,5\" nail\n", ""},
		{"mixed line ends", "id,a\r\n1,x\r\n2,y\n", "line 3 ends with LF, and the lines before it with CR LF"},
		{"Latin-1", "id,a\n1,caf\xe9\n", "line 2 holds bytes that are not UTF-8 text"},
		{"UTF-16", "\xff\xfei\x00d\x00\n\x00", "line 1 holds bytes that are not UTF-8 text"},
		{"long line", "id,a\n1," + strings.Repeat("x", longestLine) + "\n", "line 2 is longer than 2000000 bytes"},
	} {
		got := ""
		if found := csvFault(strings.NewReader(c.content), ','); found != nil {
			got = found.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestJSONFault finds what is wrong with a JSON Lines file, and where.
func TestJSONFault(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"whole", "{\"a\":1}\n\n {\"a\":NaN}\r\n{\"a\":{\"b\":1},\"b\":\"NaN\"}", ""},
		{"cut", "{\"a\":1}\n{\"a\":", "line 2 is not a whole JSON value: each line holds one object"},
		{"over lines", "{\n\"a\":1}\n", "line 1 is not a whole JSON value: each line holds one object"},
		{"list", "{\"a\":1}\n[1]", `line 2 is not a JSON object such as {"id": 1}: each line holds one`},
		{"twice", "{\"a\":1,\"b\":{\"a\":2},\"b\":3}", `line 1 has the key "b" twice`},
		{"mark", "\ufeff{\"a\":1}", "line 1 begins with a byte order mark: save the file without one"},
		{"Latin-1", "{\"a\":\"\xe9\"}", "line 1 holds bytes that are not UTF-8 text"},
	} {
		got := ""
		if found := jsonFault(strings.NewReader(c.content)); found != nil {
			got = found.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
