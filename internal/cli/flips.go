package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dustin/go-humanize"

	"github.com/noworse/noworse"
)

// flipsFlag asks for the rows behind a comparison.
type flipsFlag struct {
	Flips string `help:"Write the rows on which one model is right and the other wrong, and new confident errors, of the slices of the checks that run, as .csv or .parquet." placeholder:"FILE"`
}

// flipsFormats are the formats of the file, by its ending.
var flipsFormats = map[string]string{".csv": "csv", ".parquet": "parquet"}

func (f flipsFlag) target() []target {
	if f.Flips == "" {
		return nil
	}
	return []target{{flag: "--flips", path: f.Flips}}
}

// check refuses what cannot be written.
func (f flipsFlag) check() error {
	if f.Flips == "" || flipsFormats[filepath.Ext(f.Flips)] != "" {
		return nil
	}
	return fmt.Errorf("--flips wants a file that ends in .csv or .parquet, not %q", f.Flips)
}

// option asks for the rows, writes them and says how many there are.
func (f flipsFlag) option(env Env) *noworse.Flips {
	if f.Flips == "" {
		return nil
	}
	return &noworse.Flips{Format: flipsFormats[filepath.Ext(f.Flips)], Take: func(path string, n noworse.FlipRows) error {
		if err := copyFile(f.Flips, path); err != nil {
			return err
		}
		rows := fmt.Sprintf("%s newly wrong, %s newly right", humanize.Comma(int64(n.Negative)), humanize.Comma(int64(n.Positive)))
		switch {
		case n.Other > 0:
			rows += fmt.Sprintf(", %s wrong as before but now with confidence", humanize.Comma(int64(n.Other)))
		case n.Negative+n.Positive == 0:
			rows = "a header and no rows, since none flipped"
		}
		fmt.Fprintf(env.Stderr, "wrote %s: %s\n", f.Flips, rows)
		return nil
	}}
}

// copyFile is writeFile for content that is in a file.
func copyFile(path, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return unwritable(path, err)
	}
	defer source.Close()
	return writeAll(content{path, func(w io.Writer) error { _, err := io.Copy(w, source); return err }})
}
