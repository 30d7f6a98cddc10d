package wire

import (
	"context"
	"encoding/json"
)

// wrote is the answer to what writes a file.
type wrote struct{ Bytes int64 }

// WriteRows starts a process that writes the rows of a function to a file, and waits
// until both are done.
func WriteRows(ctx context.Context, c Command, options any) error {
	text, err := json.Marshal(options)
	if err != nil {
		return err
	}
	m, err := begin(c, "function")
	if err != nil {
		return err
	}
	defer m.Close()
	var a answer
	if _, err := m.ask(ctx, request{Do: "rows", Options: text}, nil, &a); err != nil {
		return err
	}
	if a.Wrote == nil {
		return m.fault(errFrame)
	}
	return nil
}
