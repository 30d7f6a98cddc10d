//go:build !unix

package baseline

// syncDir does nothing: directories cannot be synced here.
func syncDir(string) error { return nil }
