package slice

// Encode is a name, such as that of a slice by predicate, in the form in which
// it may stand beside the names that [Name] makes: no such name has an equals
// sign, so the two are never confused.
func Encode(name string) string { return encode(name) }
