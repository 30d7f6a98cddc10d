package spec

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// fence is what a stranger's spec may name: files in its own directory and
// below it. A nil fence encloses nothing.
type fence struct {
	dir string // the spec's directory, its links followed; "": it cannot be found, so nothing is inside
}

// ownFiles mends a path that a fence keeps out.
const ownFiles = "a stranger's spec may name files in its own directory and below it"

const refusedText = "refused by --untrusted: "

func newFence(dir string) *fence {
	real, err := realPath(dir)
	if err != nil {
		real = ""
	}
	return &fence{dir: real}
}

// keepsOut says why a path may not be named as it is written, before it is
// joined to any directory; "" if it may.
func (f *fence) keepsOut(text string) string {
	if f == nil {
		return ""
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '\\' })
	switch {
	case remotePath.MatchString(text):
		return refusedText + "it is remote"
	case filepath.IsAbs(text), filepath.VolumeName(text) != "", strings.HasPrefix(text, "/"), strings.HasPrefix(text, `\`):
		return refusedText + "it is absolute"
	case slices.Contains(parts, ".."):
		return refusedText + "it has .."
	case slices.ContainsFunc(parts, hidden):
		return refusedText + hiddenText
	}
	return ""
}

const hiddenText = "it has a name that begins with a dot, and such files may hold credentials"

func hidden(name string) bool { return name != "." && strings.HasPrefix(name, ".") }

// refuses says why a file may not be used, wherever its links lead; "" if it
// may. What is not there yet is judged by the directory that would hold it.
func (f *fence) refuses(path string) string {
	if f == nil {
		return ""
	}
	real, err := realPath(path)
	for p := path; errors.Is(err, fs.ErrNotExist); real, err = realPath(p) {
		if _, dangling := os.Lstat(p); dangling == nil || p == filepath.Dir(p) {
			return refusedText + "it is a link that leads nowhere"
		}
		p = filepath.Dir(p)
	}
	if err != nil {
		return refusedText + "where it leads cannot be found out"
	}
	inside, err := filepath.Rel(f.dir, real)
	switch {
	case f.dir == "" || err != nil || !filepath.IsLocal(inside):
		return refusedText + "it leads out of the directory of the spec"
	case slices.ContainsFunc(strings.Split(filepath.ToSlash(inside), "/"), hidden):
		return refusedText + hiddenText
	}
	return ""
}

// realPath is where a path leads once all links are followed.
func realPath(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// Refuses is what says why a file may not be read for this spec, or "" if it
// may; nil for a spec that is trusted. It is for files that only later rooms
// find, such as those that a pattern matches.
func (s *Spec) Refuses() func(path string) string {
	if s.fence == nil {
		return nil
	}
	return s.fence.refuses
}
