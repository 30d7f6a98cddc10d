package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
)

// columnsOfDrift are the numeric ones of its tables, beside four of categories.
const columnsOfDrift = 20

// generateTable makes a table of so many columns, of which later ones have moved.
func generateTable(dir, name string, rows, columns, salt int) (string, error) {
	path := filepath.Join(dir, fmt.Sprintf("%s-%dx%d.parquet", name, rows, columns))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	fmt.Fprintf(os.Stderr, "generating %s\n", path)
	uniform := func(c int) string {
		return fmt.Sprintf("(hash(i + %d::BIGINT * 1000000007) >> 11) * 1.1102230246251565e-16", salt*10_000+c)
	}
	var list []string
	for c := range columns {
		list = append(list, fmt.Sprintf("(%s + %s + %s) * %d + %d AS x%03d", uniform(3*c), uniform(3*c+1), uniform(3*c+2), c+1, salt*c/4, c))
	}
	for c := range 4 {
		list = append(list, fmt.Sprintf("'category_' || (%s * %s * %d)::INT AS c%d", uniform(5000+c), uniform(6000+c), 10*(c+1), c))
	}
	part := path + ".part"
	if err := query(fmt.Sprintf("COPY (SELECT %s FROM range(%d) t(i)) TO '%s' (FORMAT parquet)", strings.Join(list, ", "), rows, part)); err != nil {
		return "", err
	}
	return path, os.Rename(part, path)
}

// sumOf is the scan: the sum of every numeric column of some tables.
func sumOf(paths []string, columns int) error {
	var sums []string
	for c := range columns {
		sums = append(sums, fmt.Sprintf("sum(x%03d)", c))
	}
	for _, path := range paths {
		if err := query(fmt.Sprintf("SELECT %s FROM '%s'", strings.Join(sums, ", "), path)); err != nil {
			return err
		}
	}
	return nil
}

// drifts measures drift between two tables against the scan of both.
func drifts(dir string, rows, rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	binary, err := build(dir)
	if err != nil {
		return err
	}
	fmt.Printf("\ndrift between two tables, as a multiple of the scan of both\n\n")
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tmedian\tleast\tmost\tprocessor time\tpeak memory\t")
	for _, size := range []struct{ rows, columns int }{{rows, columnsOfDrift}, {rows / 10, 1000}} {
		reference, err := generateTable(dir, "reference", size.rows, size.columns, 0)
		if err != nil {
			return err
		}
		current, err := generateTable(dir, "current", size.rows, size.columns, 1)
		if err != nil {
			return err
		}
		kept := filepath.Join(dir, "drift.profile")
		if err := (&contender{args: []string{binary, "profile", reference, "-q", "-o", kept}}).time(false); err != nil {
			return err
		}
		result := filepath.Join(dir, "drift.json")
		of := fmt.Sprintf("%d rows, %d columns", size.rows, size.columns+4)
		scan := &contender{name: "scan", args: []string{self, "-sum", fmt.Sprint(size.columns), reference, current}}
		list := []*contender{
			{name: of, args: []string{binary, "drift", reference, current, "--quiet", "--max-share", "100%", "--json", result}},
			{name: of + ", from a profile", args: []string{binary, "drift", kept, current, "--quiet", "--max-share", "100%"}},
		}
		for round := range rounds + 1 {
			for _, c := range append([]*contender{scan}, list...) {
				fmt.Fprintf(os.Stderr, "round %d of %d: drift, %s\n", round, rounds, c.name)
				if err := c.time(round > 0); err != nil {
					return err
				}
			}
		}
		for _, c := range list {
			wall, cpu := ratios(c.wall, scan.wall), ratios(c.cpu, scan.cpu)
			fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%d MB\t\n", c.name, wall[len(wall)/2], wall[0], wall[len(wall)-1], cpu[len(cpu)/2], c.peak>>20)
		}
		if size.columns == columnsOfDrift {
			if err := withinBounds(reference, current, result, size.columns); err != nil {
				return err
			}
		}
	}
	return t.Flush()
}

// withinBounds holds the KS distances of a result, and what they may be off by, to those
// that DuckDB works out of all values.
func withinBounds(reference, current, result string, columns int) error {
	data, err := os.ReadFile(result)
	if err != nil {
		return err
	}
	var r struct {
		Checks []struct {
			ID      string
			Details struct {
				Drift struct {
					Distance *struct {
						Test   string
						Effect float64
						Bound  *[2]float64
					}
				}
			}
		}
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	widest, compared := 0.0, 0
	for _, c := range r.Checks {
		d := c.Details.Drift.Distance
		if d == nil || d.Test != "ks" {
			continue
		}
		bound := [2]float64{d.Effect - 1e-12, d.Effect + 1e-12}
		if d.Bound != nil {
			bound = *d.Bound
		}
		exact, err := exactKS(reference, current, strings.TrimPrefix(c.ID, "drift/"))
		if err != nil {
			return err
		}
		if exact < bound[0]-1e-12 || exact > bound[1]+1e-12 {
			return fmt.Errorf("%s: the KS distance is %v, and the result says %v to %v", c.ID, exact, bound[0], bound[1])
		}
		widest, compared = max(widest, bound[1]-bound[0]), compared+1
	}
	if compared != columns {
		return fmt.Errorf("%d of %d KS distances", compared, columns)
	}
	fmt.Printf("the exact KS distance of each of %d columns lies within its bound, which is %.5f wide at most\n", compared, widest)
	return nil
}

// exactKS is the distance of all values, in SQL.
func exactKS(reference, current, column string) (float64, error) {
	to := filepath.Join(filepath.Dir(reference), "ks.csv")
	err := query(fmt.Sprintf(`COPY (SELECT max(abs(a / (SELECT count(*) FROM '%[1]s') - b / (SELECT count(*) FROM '%[2]s'))) FROM (
		SELECT x, sum(sum(r)) OVER w AS a, sum(sum(1 - r)) OVER w AS b FROM (SELECT %[3]s AS x, 1.0::DOUBLE AS r FROM '%[1]s' UNION ALL SELECT %[3]s, 0 FROM '%[2]s') GROUP BY x WINDOW w AS (ORDER BY x))) TO '%[4]s' (HEADER false)`,
		reference, current, column, to))
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(to)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
}
