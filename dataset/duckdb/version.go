package duckdb

import "context"

// Version starts DuckDB and asks it for its version.
func Version(ctx context.Context) (string, error) {
	c, err := openConn(nil)
	if err != nil {
		return "", err
	}
	defer c.close()
	row, err := c.one(ctx, "SELECT version()::VARCHAR")
	if err != nil {
		return "", err
	}
	return *row[0], nil
}
