package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/noworse/noworse/internal/wholefile"
)

// Reference is the file with the profile of the rows that drift compares with: it
// stands for them where they are no more.
type Reference struct {
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
	Bytes   int64  `json:"bytes"`
	Rows    uint64 `json:"rows"` // that were summarised
	content []byte // that an accept is to keep
}

const (
	profilesDir   = "profiles"
	profileEnding = ".profile"
)

// NewReference is a profile that an accept is to keep.
func NewReference(profile []byte, rows uint64) *Reference {
	sum := sha256.Sum256(profile)
	digest := hex.EncodeToString(sum[:])
	return &Reference{File: digest + profileEnding, SHA256: digest, Bytes: int64(len(profile)), Rows: rows, content: profile}
}

// LoadReference is the profile that a baseline keeps, after it was held against its
// checksum; nil where it keeps none.
func (s Store) LoadReference(b *Baseline) ([]byte, error) {
	if b.Reference == nil {
		return nil, nil
	}
	path := filepath.Join(s.Dir, profilesDir, b.Reference.File)
	content, err := os.ReadFile(path)
	sum := sha256.Sum256(content)
	problem := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		problem = "is missing: it is the profile of the rows that drift compares with"
	case err != nil:
		problem = "cannot be read: " + wholefile.Cause(err).Error()
	case hex.EncodeToString(sum[:]) != b.Reference.SHA256:
		problem = "is not the file that was accepted: its content is another"
	default:
		return content, nil
	}
	return nil, &Unusable{Path: path, Problem: problem, State: b.State()}
}

// writeReference keeps the profile, if it is not there already.
func (s Store) writeReference(b *Baseline) error {
	if b.Reference == nil || b.Reference.content == nil {
		return nil
	}
	dir := filepath.Join(s.Dir, profilesDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := wholefile.SyncDir(s.Dir); err != nil {
		return err
	}
	return write(filepath.Join(dir, b.Reference.File), b.Reference.content)
}

// dropReferences removes the profiles that b does not keep, and what killed accepts
// have left. That one stays is no harm.
func (s Store) dropReferences(b *Baseline) {
	dir := filepath.Join(s.Dir, profilesDir)
	files, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, f := range files {
		if b.Reference == nil || f.Name() != b.Reference.File {
			_ = remove(filepath.Join(dir, f.Name()))
		}
	}
}

var profileFile = regexp.MustCompile(`^[0-9a-f]{64}\` + profileEnding + `$`)

// verifyReference refuses what no accept writes: it names a file.
func (b *Baseline) verifyReference() error {
	if r := b.Reference; r != nil && (!profileFile.MatchString(r.File) || r.File != r.SHA256+profileEnding) {
		return fmt.Errorf("names %q as its profile, which is no name of noworse", r.File)
	}
	return nil
}
