//go:build !unix

package wholefile

// SyncDir does nothing: directories cannot be synced here.
func SyncDir(string) error { return nil }
