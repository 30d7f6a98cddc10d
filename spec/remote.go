package spec

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// remotePattern is a remote file as it is written: a scheme, a bucket or host,
// and what names the file there.
const remotePattern = `^(s3|gs|azblob|https?)://[^/?#]+/[^/?#]`

const remoteSchemes = "noworse reads s3://, gs://, azblob://, https:// and http://"

var (
	remotePath = regexp.MustCompile(urlPattern)
	remoteFile = regexp.MustCompile(remotePattern)
	overHTTP   = regexp.MustCompile(`^https?://`)
	remoteKind = regexp.MustCompile(`^(s3|gs|azblob|https?)$`)

	// What a line of a spec may hold between quotes, brackets and blanks.
	userInURL  = regexp.MustCompile(`(://)([^\s/?#'"]*)@`)
	queryInURL = regexp.MustCompile(`(://[^\s?'"]*\?)([^\s'"]+)`)
	// A token that was written where the name of a variable belongs.
	tokenInSpec = regexp.MustCompile(`(\btoken['"]?\s*:\s*['"]?)([^\s'"$,}][^\s'",}]*)`)
)

// IsRemote says whether a path of a spec is one that must be fetched.
func IsRemote(path string) bool { return remotePath.MatchString(path) }

// localOnly refuses a URL where files are local. It names the scheme alone: the
// rest may hold a secret.
func localOnly(name, url string) (message, hint string) {
	return name + ": " + schemeOf(url) + ":// paths are not read here", "name a local file"
}

// remoteProblem says what is wrong with a URL that is to name data; "" if
// nothing is. Like localOnly, it repeats no more of it than the scheme.
func remoteProblem(name, text string) (message, hint string) {
	scheme, rest, _ := strings.Cut(text, "://")
	where, _, _ := strings.Cut(rest, "/")
	switch {
	case remoteFile.MatchString(strings.ToLower(scheme)+"://"+rest) && strings.ToLower(scheme) != scheme:
		return name + ": write " + schemeOf(text) + ":// in small letters", ""
	case !remoteKind.MatchString(schemeOf(text)):
		return name + ": " + schemeOf(text) + ":// paths are not read", remoteSchemes
	case !remoteFile.MatchString(text):
		return name + ": this names no file", "write it as " + schemeOf(text) + "://" + bucketOr(text) + "/directory/eval.parquet"
	case !overHTTP.MatchString(text) && strings.Contains(where, "@"):
		return name + ": a path of a bucket takes no password", "credentials come from the environment"
	case !overHTTP.MatchString(text):
		return "", ""
	}
	return webProblem(name, text)
}

func webProblem(name, text string) (message, hint string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return name + ": this is no URL", "write what is special in it with %, such as %20 for a space"
	case strings.ContainsAny(u.EscapedPath(), "*[]{}"):
		return name + ": patterns are for buckets and local files", "an " + u.Scheme + ":// path is one file; a character that is meant itself is written with %, such as %2A"
	}
	return "", ""
}

func schemeOf(url string) string {
	scheme, _, _ := strings.Cut(url, "://")
	return strings.ToLower(scheme)
}

func bucketOr(url string) string {
	if strings.HasPrefix(strings.ToLower(url), "http") {
		return "host"
	}
	return "bucket"
}

// secretsOf are what a URL must not show: its password, and its query, which
// may be a signature.
func secretsOf(text string) []secret {
	shown := RedactURL(text)
	u, err := url.Parse(text)
	if err != nil || shown == text {
		return nil
	}
	out := []secret{{shown, text}}
	if u.RawQuery != "" {
		out = append(out, secret{"***", u.RawQuery})
	}
	if password, ok := u.User.Password(); ok {
		out = append(out, secret{"***", password})
	}
	return out
}

// RedactURL is a URL with *** for its user, its password and its query.
func RedactURL(text string) string {
	if !overHTTP.MatchString(text) {
		return text
	}
	shown, _, _ := strings.Cut(text, "#")
	shown, _, queried := strings.Cut(shown, "?")
	scheme, rest, _ := strings.Cut(shown, "://")
	host, path, below := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = "***" + host[at:]
	}
	shown = scheme + "://" + host
	if below {
		shown += "/" + path
	}
	if queried {
		shown += "?***"
	}
	return shown
}

// masked is a line of a spec for a message: tokens, passwords and queries of URLs
// become stars, as many as there were characters, so that a caret still fits.
func masked(line string) string {
	for _, hides := range []*regexp.Regexp{userInURL, queryInURL, tokenInSpec} {
		line = hides.ReplaceAllStringFunc(line, func(found string) string {
			secret := hides.FindStringSubmatch(found)[2]
			return strings.Replace(found, secret, strings.Repeat("*", utf8.RuneCountInString(secret)), 1)
		})
	}
	return line
}
