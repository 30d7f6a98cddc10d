package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/slice"
)

// peopleRows is the table that predicates are tried on.
const peopleRows = `INSERT INTO people VALUES
	(1, 25, 1000.5, 0,    'gold',    'a',  10, true,  '2024-01-15 08:30:00', 12.50, '1999-02-28', 'x'),
	(2, 40, 2500.0, 1500, 'silver',  'é',  20, false, '2024-06-30 23:59:59', 99.99, '1984-12-01', '日本'),
	(3, 65, NULL,   0,    'Gold''s', NULL, 30, NULL,  '2023-12-31 00:00:00', -5.00, NULL,         '100%'),
	(4, 7,  'nan',  7,    '',        ' p ', 40, true,  NULL,                 0.00,  '2017-07-07', 'a_b') RETURNING tier`

const peopleTypes = `CREATE TABLE people (id INT, age INT, income DOUBLE, "capital-gain" INT, tier VARCHAR, "ünï cødé" VARCHAR,
	"a""b" INT, active BOOLEAN, seen TIMESTAMP, amount DECIMAL(10,2), born DATE, "select" VARCHAR)`

var peopleColumns = []string{"id", "age", "income", "capital-gain", "tier", "ünï cødé", `a"b`, "active", "seen", "amount", "born", "select"}

func isPeopleColumn(name string) bool {
	return slices.ContainsFunc(peopleColumns, func(c string) bool { return strings.EqualFold(c, name) })
}

// openPeople is a database locked down as a run locks it.
func openPeople(t testing.TB) *conn {
	t.Helper()
	c, err := openConn(map[string]string{"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	for _, sql := range []string{peopleTypes, peopleRows, "SET TimeZone='UTC'", "SET memory_limit='500MB'", "SET enable_external_access=false", "SET lock_configuration=true"} {
		if err := c.exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	return c
}

// peopleWhere is the ids of the rows that an expression selects.
func peopleWhere(ctx context.Context, c *conn, predicate string) (string, error) {
	row, err := c.one(ctx, "SELECT coalesce(string_agg(id::VARCHAR, ',' ORDER BY id), '') FROM people WHERE "+predicate)
	if err != nil {
		return "", err
	}
	return *row[0], nil
}

// acceptedPredicates are predicates with the ids of the rows they select.
var acceptedPredicates = []struct{ text, ids string }{
	{"age < 30", "1,4"},
	{"AGE < 30 and Active", "1,4"},
	{"tier = 'gold'", "1"},
	{"tier = 'Gold''s'", "3"},
	{`"capital-gain" > 0`, "2,4"},
	{`"ünï cødé" = 'é'`, "2"},
	{`"a""b" >= 30`, "3,4"},
	{`"select" = '日本'`, "2"},
	{"age > 10 AND NOT (age = 40 OR age = 65)", "1"},
	{"age in (7, 25)", "1,4"},
	{"age IN (7, 25,)", "1,4"},
	{"tier not in ('gold', 'silver')", "3,4"},
	{"age between 25 and 40", "1,2"},
	{"age not between 25 and 40", "3,4"},
	{"income is null", "3"},
	{"income is not null and not isnan(income)", "1,2"},
	{"active is true", "1,4"},
	{"active is not true", "2,3"},
	{"active is unknown", "3"},
	{"true", "1,2,3,4"},
	{"false", ""},
	{"null", ""},
	{"active is distinct from false", "1,3,4"},
	{"coalesce(income, 0) = 0", "3"},
	{"ifnull(income, 0) = 0", "3"},
	{"nullif(age, 40) is null", "2"},
	{"if(age > 30, active, true)", "1,4"},
	{"case when age < 18 then 'minor' when age < 65 then 'adult' else 'senior' end = 'adult'", "1,2"},
	{"case tier when 'gold' then 1 when 'silver' then 2 end < 3", "1,2"},
	{"case tier when 'gold' then true else false end", "1"},
	{"age + 10 > 40 and age * 2 - 1 < 100 and age % 10 = 0 and age // 3 = 13 and age / 4 = 10", "2"},
	{"-age < -50 and +age > 50", "3"},
	{"age ^ 2 > 1000 and age ** 2 < 2000", "2"},
	{"age & 1 = 1 and age | 1 = age and age << 1 > 100 and age >> 1 = 32 and ~age < 0", "3"},
	{"abs(amount) = 5 and @amount = 5 and sign(amount) = -1", "3"},
	{"round(income, 0) = 1001 or floor(income) = 2500 or ceil(amount) = 13", "1,2"},
	{"sqrt(age) = 5 and ln(exp(1)) > 0.99 and log(10) = 1 and pow(age, 2) = 625", "1"},
	{"greatest(age, id) = 7 and least(age, id) = 4", "4"},
	{"isfinite(income) or isinf(income)", "1,2"},
	{"income * 1e0 = 1000.5 and 1e22 > income and income < 12345678.9e3 and 1e-300 < income", "1"},
	{"income > 1e3 and income < 1.5E+3 and amount > .5 and amount < 1_000", "1"},
	{"age < 170141183460469231731687303715884105727 and age > -9223372036854775808 and id < 18446744073709551616", "1,2,3,4"},
	{"amount = 12.50 and amount > 12345678901234567890.123 - 12345678901234567890.000", "1"},
	{"lower(tier) = 'gold' and upper(tier) = 'GOLD' and length(tier) = 4 and strlen(tier) = 4", "1"},
	{`trim("ünï cødé") = 'p' and ltrim("ünï cødé") = 'p ' and rtrim("ünï cødé", ' ') = ' p'`, "4"},
	{"trim(both 'g' from tier) = 'old'", "1"},
	{"contains(tier, 'il') or starts_with(tier, 'Go') or prefix(tier, 'go') or suffix(tier, 'xx') or ends_with(tier, 'xx')", "1,2,3"},
	{"tier ^@ 'si' or position('ld' in tier) = 3", "1,2,3"},
	{"substring(tier from 2 for 3) = 'old' and left(tier, 1) = 'g' and right(tier, 1) = 'd'", "1"},
	{"tier like 'g%' or tier like '%''%'", "1,3"},
	{"tier not like '%o%l%'", "2,4"},
	{"tier ilike 'GO%'", "1,3"},
	{"tier not ilike '%o%'", "2,4"},
	{"tier like '_old' or tier not like '%_'", "1,4"},
	{`"select" like '%$%' escape '$' or "select" like 'a$_b' escape '$'`, "3,4"},
	{`"select" not like '%$%' escape '$' and "select" ilike 'A$_B' escape '$'`, "4"},
	{"regexp_matches(tier, '^[gs]') and tier ~ '.*(old|silver)' and tier !~ 'x'", "1,2"},
	{"tier similar to 'g.+' or regexp_full_match(tier, 'SILVER', 'i')", "1,2"},
	{`regexp_matches("select", '\pL{2}')`, "2"},
	{"tier || '/' || age = 'gold/25' or concat(tier, id) = '4'", "1,4"},
	{"tier || id::VARCHAR = 'silver2'", "2"},
	{"year(seen) = 2024 and extract(month from seen) = 6 and date_part('day', seen) = 30 and dayofweek(seen) = 0", "2"},
	{"date_trunc('year', seen) = date '2024-01-01' and hour(seen) < 12", "1"},
	{"date_diff('day', born, seen::date) > 10000 and monthname(born) = 'December'", "2"},
	{"seen > timestamp '2024-01-01' and seen < timestamp '2024-01-01' + interval 30 day", "1"},
	{"seen >= timestamp '2024-06-30' - interval '1 month' and seen < timestamp '2024-06-01' + interval (id) month", "2"},
	{"(seen at time zone 'UTC') at time zone 'Asia/Tokyo' > timestamp '2024-07-01'", "2"},
	{"seen::TIMESTAMPTZ > '2024-03-01 00:00:00+00'", "2"},
	{"cast(age as varchar) = '40' and age::double / 3 > 13 and age::decimal(4,1) = 40.0", "2"},
	{"try_cast(tier as integer) is null and try_cast(age::text as integer) = 7", "4"},
	{"income > 'inf'::double or income = 'nan'::float", "4"},
	{"(age < 30) = (tier = 'gold')", "1,2,3"},
	{"age > 30 -- the older ones", "2,3"},
	{"-- first\nage > 30\n/* then /* more */ */ and age < 50", "2"},
	{"age > 30 /* ; DROP TABLE people */", "2,3"},
	{"age > 30;", "2,3"},
	{"age > 30; ; -- x", "2,3"},
	{"\tage\r\n>\n30  ", "2,3"},
	{"tier = '-- no comment' or tier = '/*' or tier = ';' or tier = 'select' or age = 7", "4"},
	{"((((age)))) = (((7)))", "4"},
	{"age = 7 or tier = '\u00a0\u3000'", "4"},
	{"age = 7 or tier = 'line\nbreak\ttab \\n \\u0041 \" {\"schema\":\"main\"}'", "4"},
	{"all age = 7", "4"},
	{"age = 7,", "4"},
	{"position('a' in tier) = 0 and tier is not null and length(tier) > 0", "1,2,3"},
	{"age in (" + strings.Repeat("1,", 3000) + "7)", "4"},
	{"age = 7" + strings.Repeat(" or age = 7", 300), "4"},
	{strings.Repeat("(", 150) + "age = 7" + strings.Repeat(")", 150), "4"},
	{strings.Repeat("not ", 150) + "age = 7", "4"},
}

func TestPredicateAccepted(t *testing.T) {
	c := openPeople(t)
	for _, a := range acceptedPredicates {
		t.Run(shortPredicate(a.text), func(t *testing.T) {
			sql, _, err := c.compile(t.Context(), a.text, isPeopleColumn)
			if err != nil {
				t.Fatal(err)
			}
			got, err := peopleWhere(t.Context(), c, sql)
			if err != nil || got != a.ids {
				t.Errorf("%s: rows %q, want %q, %v", sql, got, a.ids, err)
			}
			mustBeStable(t, c, sql)
		})
	}
}

// mustBeStable says that compiling a compiled predicate changes nothing.
func mustBeStable(t *testing.T, c *conn, sql string) {
	t.Helper()
	again, _, err := c.compile(t.Context(), sql, func(string) bool { return true })
	if err != nil || again != sql {
		t.Errorf("compiled %q, compiled again %q, %v", sql, again, err)
	}
}

func shortPredicate(s string) string {
	if len(s) > 60 {
		return fmt.Sprintf("%.60s…%d", s, len(s))
	}
	return s
}

func TestPredicateReads(t *testing.T) {
	c := openPeople(t)
	for text, want := range map[string][]string{
		"tier = 'x' and age > 3 or tier = 'y'":    {"tier", "age"},
		"1 = 1":                                   nil,
		`"a""b" > 1 and "ünï cødé" = 'age'`:       {`a"b`, "ünï cødé"},
		"case age when 1 then id else amount end": {"age", "id", "amount"},
		"Age > 1 and age > 1":                     {"Age", "age"},
		"coalesce(seen, born) is null -- tier":    {"seen", "born"},
	} {
		_, reads, err := c.compile(t.Context(), text, isPeopleColumn)
		slices.Sort(reads)
		slices.Sort(want)
		if err != nil || !slices.Equal(reads, want) {
			t.Errorf("%s reads %q, %v", text, reads, err)
		}
	}
}

// TestPredicateFunctions says that what may be called is what the list claims:
// scalar, the same on every call, and a macro only where copies are counted.
func TestPredicateFunctions(t *testing.T) {
	c := openPeople(t)
	for _, name := range slice.Functions() {
		rows, err := c.query(t.Context(), "SELECT DISTINCT function_type, coalesce(stability, ''), schema_name FROM duckdb_functions() WHERE function_name = "+text(name))
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			t.Errorf("DuckDB has no %s", name)
		}
		for _, r := range rows {
			kind, stability := *r[0], *r[1]
			macro := kind == "macro" && name == "nullif"
			if !macro && (kind != "scalar" || stability != "CONSISTENT") {
				t.Errorf("%s is %s, %s", name, kind, stability)
			}
		}
	}
}

// TestPredicateGrowth nests every construct in itself, in each place, as deep as
// it is let through: planning and running must stay quick.
func TestPredicateGrowth(t *testing.T) {
	c := openPeople(t)
	shapes := []string{"(%s) between false and true", "true between %s and true", "true between false and %s", "not (%s)", "(%s) is null", "(%s) is not true",
		"(%s) is distinct from true", "(%s) = true", "(%s) in (true, false)", "true in (%s, false)", "coalesce(%s, true)", "coalesce(null, %s)",
		"nullif(%s, true)", "nullif(true, %s)", "if(%s, true, false)", "if(true, %s, false)", "case when active then true else %s end",
		"case %s when true then false when false then true end", "case active when true then %s else false end", "(%s)::varchar::boolean",
		"greatest(%s, true)", "least(true, %s)", "(%s) and active", "active or (%s)", "((%s) and active) or ((%[1]s) and age > 1)",
		"lower((%s)::varchar) = 'true'", "concat(%s, 'x') = 'truex'", "(%s)::varchar || 'x' = 'x'", "(%s)::int + 1 > 1", "-((%s)::int) < 0",
		"(%s)::varchar like 't%%'", "(%s)::varchar ilike 't%%'", "regexp_matches((%s)::varchar, 't')", "date_diff('day', born, born + to_days((%s)::int)) = 1",
		"date_trunc('day', seen + to_days((%s)::int)) = timestamp '2024-01-16'", "(seen + to_days((%s)::int))::date = date '2024-01-16'",
		"starts_with((%s)::varchar, 't')", "substring(tier, 1, (%s)::int) = 't'", "round((%s)::int, 1) = 1", "((%s)::int)::decimal(18,3) = 1"}
	for _, shape := range shapes {
		for _, depth := range []int{3, 8, 12, 25, 60} {
			e := "active"
			for range depth {
				if e = fmt.Sprintf(shape, e); len(e) > slice.MaxText {
					break
				}
			}
			quickly(t, c, e)
		}
	}
}

// quickly compiles and, where it is accepted, runs a predicate.
func quickly(t *testing.T, c *conn, predicate string) {
	t.Helper()
	began := time.Now()
	sql, _, err := c.compile(t.Context(), predicate, isPeopleColumn)
	if err == nil {
		_, err = peopleWhere(t.Context(), c, sql)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("%s took %v (%v)", shortPredicate(predicate), took, err)
	}
}

const oneExpression = "a slice is one true-or-false expression"

// refusedPredicates are predicates with a part of what is said of them.
var refusedPredicates = []struct{ text, says string }{
	// Nothing there, or not SQL.
	{"", "a slice needs"}, {" \n ", "a slice needs"}, {"-- only a comment", "a slice needs"}, {"/* only */ ; ", "a slice needs"}, {";", "a slice needs"},
	{"age >", "syntax error at end of input"},
	{"age > > 1", `syntax error at or near ">"`},
	{"age > 1) OR (id = 2", `syntax error at or near ")"`},
	{"(age > 1", "syntax error"},
	{"age > 1 AND", "syntax error"},
	{"order > 1", `syntax error at or near ">"`},
	{"age > 1 /* x", "*/ is missing"}, {"tier = 'x", "' is missing"}, {`tier = "x`, `" is missing`}, {"tier = 'x'' or 1=1", "' is missing"},
	{"age = 1\x00 or true", "control characters"}, {"age = '\x01'", "control characters"}, {"tier = '\xff'", "UTF-8"}, {"age\u00a0> 1", "U+00A0"}, {"age \u2003> 1", "U+2003"}, {"age > 1 \ufeff", "U+FEFF"},
	{strings.Repeat("x", slice.MaxText+1), "too long"},
	// More than one expression, and other statements.
	{"age > 1, id > 2", oneExpression}, {"age > 1; DROP TABLE people", "follows its semicolon"}, {"1; SELECT 2", "follows its semicolon"}, {"age > 1;;x", "follows its semicolon"},
	{"SELECT age > 1", "leave SELECT out"}, {"DROP TABLE people", "syntax error"}, {"age > 1 AS adult", "given a name"}, {"age > 1 adult", "given a name"}, {"adult: age > 1", "given a name"}, {"lower(x := tier) = 'a'", "given a name"},
	{"age > 1 INTO x", "SELECT INTO"}, {"age > 1 FOR UPDATE", "locking"}, {"COPY people TO 'x.csv'", "syntax error"}, {"SET threads=1", "syntax error"},
	{"age > 1 UNION SELECT true", "leave SELECT out"}, {"age > 1 UNION ALL FROM people", "combines queries"}, {"age > 1 EXCEPT VALUES (1)", "combines queries"}, {"age > 1 INTERSECT TABLE people", "combines queries"},
	{"age > 1 FROM people", "FROM"}, {"* FROM people", "FROM"}, {"true FROM read_csv('/etc/passwd')", "FROM"}, {"true FROM 'x.csv'", "FROM"}, {"true FROM range(1000000000)", "FROM"},
	{"age > 1 WHERE true", "WHERE"}, {"true WHERE 1=1 HAVING true", oneExpression}, {"age > 1 GROUP BY ALL", "GROUP BY"}, {"age > 1 GROUP BY CUBE (a, b)", "GROUP BY"},
	{"age > 1 HAVING age > 2", "HAVING"}, {"age > 1 QUALIFY true", "QUALIFY"}, {"DISTINCT age > 1", "DISTINCT"}, {"DISTINCT ON (age) true", "DISTINCT"}, {"age > 1 ORDER BY 1", "ORDER BY"}, {"age > 1 LIMIT 1", "LIMIT"}, {"age > 1 OFFSET 1", "LIMIT"},
	{"age > 1 USING SAMPLE 10%", "SAMPLE"}, {"age > 1 WINDOW w AS ()", "window"},
	// Reaching for other rows, tables and files.
	{"(SELECT true)", "subqueries"}, {"EXISTS(FROM people)", "subquery"}, {"age IN (FROM people)", "subquery"}, {"(FROM read_text('/etc/passwd')) = 'x'", "subquery"}, {"(TABLE people)", "subquery"}, {"(VALUES (1)) = 1", "subquery"},
	{"age = ANY([1, 2])", "subquery"}, {"age > ALL(FROM people)", "subquery"}, {"ARRAY(FROM people) = 1", "subquery"},
	{"count(*) > 1", "count_star() is not allowed"}, {"sum(age) > 1", "one row at a time"}, {"max(age) FILTER (WHERE true) > 1", "one row at a time"}, {"count(DISTINCT age) = 1", "one row at a time"},
	{"sum(age) OVER () > 1", "window"}, {"row_number() OVER (ORDER BY random()) > 1", "window"}, {"age > 1 AND lag(age) OVER w", "window"},
	{"read_text('/etc/passwd') = 'x'", "looks at the machine"}, {"read_csv('x') = 1", "looks at the machine"}, {"glob('*') = 1", "looks at the machine"},
	{"getenv('HOME') = 'x'", "looks at the machine"}, {"current_setting('allowed_paths') = 'x'", "looks at the machine"}, {"write_log('x')", "looks at the machine"}, {"version() = 'x'", "looks at the machine"},
	{"getvariable('x') = 1", "looks at the machine"}, {"nextval('s') = 1", "differ on each run"}, {"pragma_version()", "not a function"}, {"duckdb_settings()", "not a function"}, {"load_extension('x')", "not a function"},
	{"current_user = 'x'", `no column "current_user"`}, {"current_schema() = 'x'", "looks at the machine"}, {"error('x')", "not a function"}, {"checkpoint()", "not a function"}, {"json_execute_serialized_sql('x')", "not a function"},
	{"COLUMNS('a.*') > 1", "COLUMNS()"}, {"COLUMNS(x -> x LIKE 'a%') > 1", "COLUMNS()"}, {"COLUMNS(*) > 1", "COLUMNS()"}, {"*", "*"}, {"people.*", "a column alone"}, {"* EXCLUDE (age)", "*"}, {"* REPLACE (1 AS age)", "*"}, {"count(*) FILTER (true)", "one row at a time"},
	{"people.age > 1", "double quotes"}, {"main.people.age > 1", "double quotes"}, {"age.x.y = 1", "double quotes"}, {"tier.lower() = 'gold'", "double quotes"}, {"system.main.lower(tier) = 'x'", "double quotes"}, {"x . y", "double quotes"},
	{"#1 > 1", "position"}, {"age > ?", "parameters"}, {"age > $1", "$"}, {"age > $name", "$"}, {"tier = $$gold$$", "$"}, {"tier = $x$gold$x$", "$"}, {"age = DEFAULT", "DEFAULT"},
	{"nobody > 1", `no column "nobody"`}, {"rowid > 1", `no column "rowid"`}, {"filename = 'x'", `no column "filename"`}, {`"age " > 1`, `no column "age "`}, {`"" > 1`, "zero-length"}, {`people > 1`, `no column "people"`},
	// Different on each run.
	{"random() < 0.5", "random() is not allowed in a slice: its rows would differ on each run"}, {"RANDOM() < 0.5", "differ on each run"}, {"uuid() = 'x'", "differ on each run"}, {"gen_random_uuid()::varchar < '8'", "differ on each run"},
	{"seen < now()", "differ on each run"}, {"seen < today()", "differ on each run"}, {"born < current_date", "differ on each run"}, {"born < \"current_date\"", "differ on each run"}, {"seen < CURRENT_TIMESTAMP", "differ on each run"}, {"localtime > '1'", "differ on each run"}, {"age(seen) > interval 1 year", "not a function"}, {"seen < get_current_timestamp()", "differ on each run"},
	{"setseed(0.5) is null", "differ on each run"}, {"txid_current() = 1", "differ on each run"}, {"hash(id) % 2 = 0", "not a function"},
	// Large results.
	{"length(repeat('x', 2000000000)) > 1", "far larger"}, {"list_sum(range(20000000)) > 1", "far larger"}, {"len(range(20000000)) > 1", "far larger"}, {"length(lpad(tier, 2000000000, 'x')) > 1", "far larger"}, {"rpad(tier, 99999999, 'x') = ''", "far larger"},
	{"replace(replace(tier, 'a', 'aaaaaaaa'), 'a', 'aaaaaaaa') = ''", "far larger"}, {"regexp_replace(tier, '.', 'xxxx', 'g') = ''", "far larger"}, {"format('{:1000000000}', 1) = ''", "far larger"}, {"printf('%1000000000d', 1) = ''", "far larger"}, {"translate(tier, 'a', 'b') = ''", "far larger"}, {"bar(age, 0, 1, 100000000) = ''", "far larger"},
	{"generate_series(1, 1000000000) is null", "far larger"}, {"unnest([1, 2]) = 1", "far larger"}, {"[1, 2] = tier", "far larger"}, {"{'a': 1} = tier", "far larger"}, {"MAP {1: 2} = tier", "far larger"}, {"(age, id) = (1, 2)", "far larger"}, {"row(1) = 1", "far larger"}, {"[x for x in [1]] = 1", "far larger"},
	{"list_transform([1], x -> x) = 1", "far larger"}, {"age -> age > 1", "lambdas"}, {"tier->'x' = 'y'", "lambdas"}, {"lambda x: x > 1", "lambdas"}, {"list_transform(tier, lambda x: x)", "far larger"}, {"5! > 1", "not a function"}, {"factorial(age) > 1", "not a function"},
	{"tier[1] = 'g'", "substring"}, {"tier[1:2] = 'go'", "substring"}, {"tier = 'x' COLLATE nocase", "COLLATE"}, {"tier::varchar COLLATE de = 'x'", "COLLATE"}, {"TRY(age > 1)", "TRY_CAST"}, {"GROUPING(age) = 1", "GROUPING"}, {"tier GLOB '*a*a*a*a*b'", "LIKE"}, {"tier ~~~ '*'", "LIKE"},
	{"strftime(seen, '%c%c%c%c') = ''", "not a function"}, {"json_extract(tier, '$') = 1", "not a function"}, {"levenshtein(tier, tier) = 1", "not a function"}, {"split_part(tier, 'a', 1) = ''", "not a function"}, {"reverse(tier) = ''", "not a function"},
	{"age::int[] = 1", "the type LIST"}, {"tier::json = '1'", "the type json"}, {"tier::blob = 'x'", "the type BLOB"}, {"tier::bit = '1'", "the type BIT"}, {"tier::ENUM('a') = 'a'", "the type ENUM"}, {"tier::struct(a int) = 1", "the type STRUCT"}, {"tier::nosuch = 1", "the type nosuch"}, {"tier::main.nosuch = 1", "double quotes"}, {"tier::map(int, int) = 1", "the type MAP"}, {"tier::union(a int) = 1", "the type UNION"}, {"tier::timetz = ''", "the type TIME WITH TIME ZONE"}, {"tier::int[3] = 1", "the type ARRAY"}, {"tier::variant = 1", "the type "}, {"tier::geometry = ''", "the type "},
	{"tier" + strings.Repeat(" || tier", 40) + " = ''", "too many texts"}, {"concat(" + strings.Repeat("tier, ", 40) + "tier) = ''", "too many texts"}, {strings.Repeat("lower(", 190) + "concat(tier,tier,tier,tier)" + strings.Repeat(")", 190) + "=''", "too many texts"},
	{"tier = '" + strings.Repeat("x", 2000) + "'", "too long"}, {"age in (" + strings.Repeat("1,", 20000) + "1)", "too large"}, {"age = 1" + strings.Repeat(" or age = 1", 2000), "too large"},
	{"age > 1e400", "too large"}, {"age > 1" + strings.Repeat("0", 400), "too large"}, {"age > 0xFF", "runs into"}, {"age > 1abc", "runs into"}, {"age > 1e'x'", "runs into"}, {"age > 1..2", "not a number"}, {"age > 1.e", "runs into"},
	// Never-ending.
	{"tier ILIKE '%a%a%a%a%a%b'", "too slow"}, {"tier LIKE '%a%a%a%a%_b'", "too slow"}, {"tier LIKE '%a%a%a%b' ESCAPE '$'", "too slow"}, {"tier NOT ILIKE '%a%b'", "too slow"}, {"tier LIKE tier", "in quotes"}, {"tier LIKE '%a' || '%a%a%a%b'", "in quotes"}, {"tier ILIKE lower('%')", "in quotes"}, {"tier LIKE 'a' ESCAPE tier", "in quotes"},
	{"regexp_matches(tier, tier)", "in quotes"}, {"tier ~ lower('a')", "in quotes"}, {"regexp_matches(tier, 'a', tier)", "in quotes"}, {"tier ~ '((a{100}){100}){100}'", "invalid repeat count"}, {"tier ~ '(\\pL{30}){30}'", "too large"}, {"tier ~ '(x'", "missing closing )"}, {"tier ~ '(.{30}){30}(\\pL|x){20}'", "too large"}, {"tier ~ '" + strings.Repeat("a?", 300) + "'", "too long"}, {"tier ~ 'a**'", "repetition"},
	{strings.Repeat("(", 60000) + "age", "too deeply"}, {strings.Repeat("(age = ", 500) + "1" + strings.Repeat(")", 500), "too deeply"}, {strings.Repeat("not ", 15000) + "true", "too deeply"}, {strings.Repeat("- ", 30000) + "age > 1", "too deeply"}, {"age" + strings.Repeat(" + 1", 15000) + " > 1", "too deeply"}, {"age" + strings.Repeat("::int", 10000) + " > 1", "too deeply"}, {strings.Repeat("lower(", 999) + "tier" + strings.Repeat(")", 999) + "= ''", "too deeply"}, {strings.Repeat("[", 30000), "too deeply"},
	{strings.Repeat("case ", 30) + "age" + strings.Repeat(" when 1 then 2 when 3 then 4 end", 30) + " = 1", "copied too often"}, {strings.Repeat("case/**/", 12) + "age" + strings.Repeat(" WHEN 1 then 2 When 3 then 4 when 5 then 6 end", 12) + " = 1", "copied too often"}, {"case " + strings.Repeat("age + ", 3000) + "1" + strings.Repeat(" when 1 then 2", 2000) + " end = 1", "copied too often"},
	{strings.Repeat("nullif(", 40) + "age" + strings.Repeat(", 3)", 40) + " > 1", "too large"}, {strings.Repeat("(", 40) + "active" + strings.Repeat(" between false and true)", 40), "too large"},
	// Ways round the lexer and the lists.
	{`tier = E'\' or random() < 1 --'`, "space before this quote"}, {`tier = e'x'`, "space before this quote"}, {`tier = U&'x'`, "space before this quote"}, {`U&"age" > 1`, "space before this quote"}, {`tier = x'ab'`, "space before this quote"}, {"born < date'2020-01-01'", "space before this quote"},
	{`"random"() < 0.5`, "differ on each run"}, {`"main"."random"() < 0.5`, "double quotes"}, {"main.random() < 0.5", "double quotes"}, {"ran/**/dom() < 1", "syntax error"}, {"rand\u00f6m() < 1", "not a function"},
	{"lower(DISTINCT tier) = ''", "DISTINCT"}, {"lower(tier ORDER BY age) = ''", "ORDER BY"}, {"lower(tier) FILTER (WHERE true) = ''", "FILTER"}, {"lower(tier) EXPORT_STATE = ''", "DISTINCT, FILTER"}, {"lower(tier, tier) = ''", "2 arguments"}, {"nullif(age, 1, 2) = 1", "syntax error"}, {"pow(age) = 1", "1 arguments"}, {"timezone(seen) = 1", "1 arguments"}, {`"+"(age, 1) > 1`, "as an operator"},
	{"age > 1 or pivot", "PIVOT"}, {"true from (pivot people on age)", "PIVOT"}, {"true FROM people UNPIVOT (x FOR y IN (age))", "PIVOT"}, {"sum(age) over w, sum(age) over w", "window"},
	{"case when age > 1 then random() end > 0.5", "differ on each run"}, {"coalesce(null, getenv('HOME')) is null", "looks at the machine"}, {"age between 1 and (SELECT 1)", "subqueries"}, {"age in (1, random())", "differ on each run"}, {"true or random() < 0.5", "differ on each run"}, {"(now())::date = born", "differ on each run"}, {"tier || getenv('HOME') = ''", "looks at the machine"}, {"case random() when 1 then 2 end = 1", "differ on each run"}, {"interval (random()) day > interval 1 day", "differ on each run"}, {"extract(year from now()) = 1", "differ on each run"}, {"substring(getenv('HOME') from 1 for 2) = ''", "looks at the machine"},
}

func TestPredicateRefused(t *testing.T) {
	c := openPeople(t)
	for _, r := range refusedPredicates {
		began := time.Now()
		sql, _, err := c.compile(t.Context(), r.text, isPeopleColumn)
		if err == nil || !strings.Contains(err.Error(), r.says) {
			t.Errorf("%s: %q, %v, want %q", shortPredicate(r.text), sql, err, r.says)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s took %v", shortPredicate(r.text), took)
		}
	}
}

// TestPredicateOffsets says that errors point at what is wrong, in bytes.
func TestPredicateOffsets(t *testing.T) {
	c := openPeople(t)
	for _, r := range []struct{ text, at string }{
		{`"ünï cødé" = 'é' and random() < 1`, "random()"},
		{`"ünï cødé" = 'é' and nobody < 1`, "nobody"},
		{`"ünï cødé" = 'é' and and true`, "and true"},
		{"age > 1 or select", "select"},
		{"age > 1 or $x", "$x"},
		{"age > 1; x", "x"},
		{"tier like '%a%_%b' and true", "like '%a"},
		{"age::json = 1", "::json"},
		{"age > 1 )", ")"},
	} {
		_, _, err := c.compile(t.Context(), r.text, isPeopleColumn)
		if at := predicateOffset(r.text, err); at < 0 || !strings.HasPrefix(r.text[at:], r.at) {
			t.Errorf("%s: offset %d (%v)", r.text, at, err)
		}
	}
}

// predicateOffset is where an error of compile points, or -1.
func predicateOffset(text string, err error) int {
	var refused *slice.Refused
	var unknown *slice.UnknownColumn
	var malformed *slice.Malformed
	switch {
	case errors.As(err, &refused):
		return refused.Offset
	case errors.As(err, &unknown):
		return unknown.Offset
	case errors.As(err, &malformed):
		return malformed.Offset(text)
	}
	return -1
}

func FuzzPredicate(f *testing.F) {
	for _, a := range acceptedPredicates {
		if len(a.text) < 1000 {
			f.Add(a.text)
		}
	}
	for _, r := range refusedPredicates {
		if len(r.text) < 1000 {
			f.Add(r.text)
		}
	}
	c := openPeople(f)
	f.Fuzz(func(t *testing.T, predicate string) {
		began := time.Now()
		sql, _, err := c.compile(t.Context(), predicate, isPeopleColumn)
		if err != nil {
			mustBePlain(t, predicate, err)
			return
		}
		if len(sql) < slice.MaxText {
			mustBeStable(t, c, sql)
		}
		_, err = peopleWhere(t.Context(), c, sql)
		var raised *queryError
		if err != nil && (!errors.As(err, &raised) || strings.Contains(raised.text, "INTERNAL") || strings.Contains(raised.text, "Out of Memory")) {
			t.Errorf("%q: %v", sql, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%q took %v", predicate, took)
		}
	})
}

// mustBePlain says that an error is about the predicate and nothing inside.
func mustBePlain(t *testing.T, predicate string, err error) {
	t.Helper()
	var refused *slice.Refused
	var unknown *slice.UnknownColumn
	var malformed *slice.Malformed
	if !errors.As(err, &refused) && !errors.As(err, &unknown) && !errors.As(err, &malformed) {
		t.Errorf("%q: %v", predicate, err)
	}
	if at := predicateOffset(predicate, err); at > len(predicate) {
		t.Errorf("%q: offset %d (%v)", predicate, at, err)
	}
}
