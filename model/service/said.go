package service

import (
	"encoding/json"
	"strings"
)

// Limits of what a server says about an error: a few lines, for whoever mends it.
const (
	mostLines = 4
	mostLine  = 300
)

// said is what a server gives as the reason of an error: the texts of a JSON object,
// or the end of a text, which may be a traceback.
func (c *client) said(r *reply) string {
	var fields map[string]any
	if json.Unmarshal(plain(r.body), &fields) == nil {
		var texts []string
		for _, key := range []string{"error", "message", "detail", "stack_trace"} {
			if text := textOf(fields[key]); text != "" {
				texts = append(texts, last(c.mask(text), 1))
			}
		}
		return strings.Join(texts, "\n")
	}
	text := strings.TrimSpace(string(r.body))
	if strings.HasPrefix(text, "<") {
		return "" // a page of a proxy
	}
	return last(c.mask(text), mostLines)
}

func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// last are the last lines of a text, each cut where it is long.
func last(text string, lines int) string {
	all := strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool { return r == '\n' || r == '\r' })
	all = all[max(0, len(all)-lines):]
	for i, line := range all {
		if len(line) > mostLine {
			all[i] = strings.ToValidUTF8(line[:mostLine], "") + " …"
		}
	}
	return strings.Join(all, "\n")
}
