package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// envelope is a file of the store. The checksum is of the baseline without its
// white space, so that a file may be laid out anew but not changed.
type envelope struct {
	Schema   int             `json:"schema"`
	Checksum string          `json:"checksum"`
	Baseline json.RawMessage `json:"baseline"`
}

// Encode writes a baseline as JSON: the bytes of its file.
func (b *Baseline) Encode() ([]byte, error) {
	file, _, err := b.encode()
	return file, err
}

// encode writes a baseline as a file, a line for each slice and one for what was
// measured, and returns its checksum.
func (b *Baseline) encode() (file []byte, checksum string, err error) {
	head := *b
	head.Slices, head.Bench = nil, nil
	body, err := marshal(head)
	if err != nil {
		return nil, "", err
	}
	body, found := bytes.CutSuffix(body, []byte("\"slices\": null\n}"))
	if !found {
		return nil, "", errors.New("internal: slices are not the last of a baseline")
	}
	lines := bytes.NewBuffer(body)
	lines.WriteString(`"slices": [`)
	for i, s := range b.Slices {
		line, err := json.Marshal(s)
		if err != nil {
			return nil, "", err
		}
		if i > 0 {
			lines.WriteByte(',')
		}
		lines.WriteString("\n    ")
		lines.Write(line)
	}
	lines.WriteString("\n  ]")
	if b.Bench != nil {
		line, err := json.Marshal(b.Bench)
		if err != nil {
			return nil, "", err
		}
		lines.WriteString(",\n  \"bench\": ")
		lines.Write(line)
	}
	lines.WriteString("\n}")
	if checksum, err = checksumOf(lines.Bytes()); err != nil {
		return nil, "", err
	}
	file = fmt.Appendf(nil, "{\n\"schema\": %d,\n\"checksum\": %q,\n\"baseline\": %s\n}\n", Schema, checksum, lines)
	return file, checksum, nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func checksumOf(body []byte) (string, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		return "", err
	}
	sum := sha256.Sum256(compact.Bytes())
	return hex.EncodeToString(sum[:]), nil
}

// decode reads a file of the store. The error says what is wrong with it, after
// the name of the file.
func decode(file []byte) (*Baseline, error) {
	e := new(envelope)
	switch err := json.Unmarshal(file, e); {
	case len(bytes.TrimSpace(file)) == 0:
		return nil, errors.New("is empty")
	case isCutShort(err):
		return nil, errors.New("is cut short")
	case bytes.Contains(file, []byte("\n<<<<<<<")) || bytes.HasPrefix(file, []byte("<<<<<<<")):
		return nil, errors.New("has the marks of a merge conflict: two baselines were accepted, keep one")
	case err != nil || e.Schema == 0:
		return nil, errors.New("is not a baseline of noworse")
	case e.Schema != Schema:
		return nil, fmt.Errorf("has schema %d, and this version of noworse reads schema %d", e.Schema, Schema)
	}
	checksum, err := checksumOf(e.Baseline)
	if err != nil || checksum != e.Checksum {
		return nil, errors.New("was changed after it was accepted: its checksum does not match")
	}
	b := &Baseline{Checksum: checksum}
	if err := json.Unmarshal(e.Baseline, b); err != nil {
		return nil, fmt.Errorf("is not a baseline of noworse: %w", err)
	}
	return b, b.verify()
}

func isCutShort(err error) bool {
	s, ok := errors.AsType[*json.SyntaxError](err)
	return ok && s.Error() == "unexpected end of JSON input"
}

// rowsFile is the only kind of name that a file of rows may have: the store may
// come from a stranger's branch.
var rowsFile = regexp.MustCompile(`^[0-9a-f]{64}\.parquet$`)

// verify refuses what no accept writes.
func (b *Baseline) verify() error {
	switch {
	case b.Number < 1 || b.Task == "" || len(b.Slices) == 0 || b.Slices[0].Name != "":
		return errors.New("is not a whole baseline of noworse")
	case !rowsFile.MatchString(b.Rows.File) || b.Rows.File != b.Rows.SHA256+".parquet":
		return fmt.Errorf("names %q as its file of rows, which is no name of noworse", b.Rows.File)
	case (b.Rows.ID == "") == (b.Rows.Order == nil):
		return errors.New("does not say how its rows are paired")
	case !b.Rows.Label && !b.Rows.Score && len(b.Rows.Scores) == 0:
		return errors.New("has no answers in its rows")
	}
	if err := b.verifyReference(); err != nil {
		return err
	}
	if err := b.verifyAnchor(); err != nil {
		return err
	}
	return b.verifyBench()
}
