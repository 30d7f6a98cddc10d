//go:build !unix

package scratch

import "io/fs"

// ours: elsewhere each user has a directory of temporary files of their own.
func ours(fs.FileInfo) bool { return true }
