package slice

import (
	"sort"
	"strings"
)

// constantTypes are the types that literals of the grammar have.
var constantTypes = set("INTEGER BIGINT HUGEINT UHUGEINT DOUBLE DECIMAL VARCHAR BOOLEAN", "NULL")

// castTypes are the scalar types one may cast to. BLOB and BIT are left out:
// a text through both is eight times longer each time.
var castTypes = set("BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT",
	"FLOAT DOUBLE DECIMAL VARCHAR UUID DATE TIME TIMESTAMP INTERVAL", "TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS").with("TIMESTAMP WITH TIME ZONE")

type names map[string]bool

func set(lists ...string) names {
	s := names{}
	for _, list := range lists {
		for _, name := range strings.Fields(list) {
			s[name] = true
		}
	}
	return s
}

func (s names) with(name string) names {
	s[name] = true
	return s
}

// function is what is known of an allowed function.
type function struct {
	least, most int // arguments
	cost        func(*checker, []any, place) (measure, error)
}

// unlimited is for functions of any number of arguments; the size bounds them.
const unlimited = maxSize

// functions is every function and operator that a predicate may call. All are
// scalar functions that give the same for the same arguments, in any year and
// on any machine; nullif alone is a macro.
var functions map[string]function

func init() {
	functions = map[string]function{"nullif": {2, 2, (*checker).nullif}}
	for _, f := range []struct {
		names string
		function
	}{
		{"+ -", function{1, 2, (*checker).values}},
		{"* / // % ^ ** & | << >>", function{2, 2, (*checker).values}},
		{"@ ~ abs sign ceil ceiling floor sqrt cbrt ln log2 log10 exp isnan isinf isfinite", function{1, 1, (*checker).values}},
		{"pow power mod xor", function{2, 2, (*checker).values}},
		{"round trunc log", function{1, 2, (*checker).values}},
		{"greatest least", function{1, unlimited, (*checker).values}},
		{"length len strlen char_length character_length", function{1, 1, (*checker).values}},
		{"^@ contains starts_with prefix suffix ends_with position strpos instr", function{2, 2, (*checker).values}},
		{"year quarter month day dayofmonth dayofweek weekday isodow dayofyear week weekofyear", function{1, 1, (*checker).values}},
		{"hour minute second epoch last_day", function{1, 1, (*checker).values}},
		{"to_years to_months to_weeks to_days to_hours to_minutes to_seconds", function{1, 1, (*checker).values}},
		{"date_part datepart date_trunc datetrunc timezone", function{2, 2, (*checker).values}},
		{"date_diff datediff make_date", function{3, 3, (*checker).values}},
		{"monthname dayname", function{1, 1, (*checker).texts}},
		{"lower lcase upper ucase", function{1, 1, (*checker).texts}},
		{"trim ltrim rtrim", function{1, 2, (*checker).texts}},
		{"left right", function{2, 2, (*checker).texts}},
		{"substring substr", function{2, 3, (*checker).texts}},
		{"||", function{2, 2, (*checker).joined}},
		{"concat", function{1, unlimited, (*checker).joined}},
		{"~~ !~~", function{2, 2, (*checker).like}},
		{"~~* !~~*", function{2, 2, (*checker).backtracking}},
		{"like_escape not_like_escape ilike_escape not_ilike_escape", function{3, 3, (*checker).backtracking}},
		{"regexp_matches regexp_full_match", function{2, 3, (*checker).regex}},
	} {
		for _, name := range strings.Fields(f.names) {
			functions[name] = f.function
		}
	}
}

// Functions lists the functions a predicate may call, in order. The operators
// among them are called by their symbols.
func Functions() []string {
	list := make([]string, 0, len(functions))
	for name := range functions {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

var functionFields = []string{"function_name", "schema", "children", "filter", "order_bys", "distinct", "is_operator", "export_state", "catalog"}

func (c *checker) function(n node, p place) (measure, error) {
	name, ok := n["function_name"].(string)
	if !ok {
		return measure{}, errShape
	}
	f, ok := functions[name]
	if !ok {
		return measure{}, otherFunction(name, p)
	}
	if err := ordinaryCall(n, name, p); err != nil {
		return measure{}, err
	}
	children, ok := n["children"].([]any)
	if !ok {
		return measure{}, errShape
	}
	if len(children) < f.least || len(children) > f.most {
		return measure{}, refuse(p.offset, "%s does not take %d arguments", called(name), len(children))
	}
	return f.cost(c, children, p)
}

// ordinaryCall refuses what SQL can hang on a call besides its arguments. The
// parser itself writes main for the schema of some operators.
func ordinaryCall(n node, name string, p place) error {
	orders, _ := n["order_bys"].(node)
	list, ok := orders["orders"].([]any)
	switch {
	case n["filter"] != nil || n["distinct"] != false || n["export_state"] != false || len(list) > 0:
		return refuse(p.offset, "%s takes plain arguments in a slice: no DISTINCT, FILTER or ORDER BY", called(name))
	case n["catalog"] != "" || n["schema"] != "" && n["schema"] != "main":
		return refuse(p.offset, "%s is called by its plain name in a slice", called(name))
	case isSymbol(name) && n["is_operator"] == false:
		return refuse(p.offset, "write %s as an operator, between what it works on", name)
	case !ok || orders["type"] != "ORDER_MODIFIER" || n["is_operator"] != isSymbol(name):
		return errShape
	}
	return exactly(orders, "type", "orders")
}

// isSymbol says that a function is written as an operator.
func isSymbol(name string) bool {
	return name != "" && (name[0] < 'A' || name[0] > 'z' || name[0] == '^')
}

func called(name string) string {
	if isSymbol(name) {
		return name
	}
	return name + "()"
}

// values is a function that builds no text.
func (c *checker) values(args []any, p place) (measure, error) {
	return c.all(p, args...)
}

// texts is a function whose text is no longer than its longest argument.
func (c *checker) texts(args []any, p place) (measure, error) {
	m, err := c.all(p, args...)
	if err != nil {
		return measure{}, err
	}
	return m.builds(m.width), nil
}

// joined is a text as long as all arguments together.
func (c *checker) joined(args []any, p place) (measure, error) {
	var sum measure
	width := 0
	for _, arg := range args {
		m, err := c.expr(arg, p)
		if err != nil {
			return measure{}, err
		}
		width += max(m.width, 1)
		sum = sum.beside(m)
		if err := sum.bounded(p); err != nil {
			return measure{}, err
		}
	}
	return sum.builds(width), nil
}

// nullif is CASE WHEN a = b THEN NULL ELSE a END to the database.
func (c *checker) nullif(args []any, p place) (measure, error) {
	first, err := c.expr(args[0], p)
	if err != nil {
		return measure{}, err
	}
	second, err := c.expr(args[1], p)
	if err != nil {
		return measure{}, err
	}
	m := first.doubled().beside(second)
	m.size += 2 * sizeOther
	return m, nil
}
