package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"
	"github.com/bmatcuk/doublestar/v4"
	"gocloud.dev/blob"
	"gocloud.dev/blob/azureblob"
	"gocloud.dev/blob/s3blob"
)

// bucket is a place with many files.
type bucket interface {
	// list calls yield for each key that begins so, until it says false.
	list(ctx context.Context, prefix string, yield func(key string) bool) error
	file(key string) source
}

func (c *Cache) openBucket(ctx context.Context, kind, name string) (bucket, error) {
	switch kind {
	case "s3":
		return openS3(ctx, name)
	case "azblob":
		return openAzure(ctx, name)
	}
	return openGCS(ctx, c, name)
}

// mostFiles bounds what one pattern may match.
const mostFiles = 10_000

// matching is the keys that a key or a pattern means. A key that is there by
// the very name of the pattern is meant itself.
func matching(ctx context.Context, b bucket, pattern string, alive func()) ([]string, error) {
	special := strings.IndexAny(pattern, "*?[{")
	if special < 0 {
		return []string{pattern}, nil
	}
	if !doublestar.ValidatePattern(pattern) {
		return nil, &Error{"the pattern cannot be read", "* is any text, ** any directories, [ab] a or b, {x,y} x or y"}
	}
	var keys []string
	itself := false
	err := b.list(ctx, pattern[:special], func(key string) bool {
		alive()
		itself = itself || key == pattern
		if doublestar.MatchUnvalidated(pattern, key) && !strings.HasSuffix(key, "/") {
			keys = append(keys, key)
		}
		return len(keys) <= mostFiles
	})
	switch {
	case err != nil:
		return nil, err
	case itself:
		return []string{pattern}, nil
	case len(keys) == 0:
		return nil, &Error{"no file matches", "a pattern matches whole names, and * no slash: ** does"}
	case len(keys) > mostFiles:
		return nil, &Error{fmt.Sprintf("it matches more than %d files", mostFiles), "narrow the pattern"}
	}
	slices.Sort(keys)
	return keys, nil
}

// openS3 opens a bucket of S3 or a service that speaks like it.
func openS3(ctx context.Context, name string) (bucket, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, err
	}
	b := &cdkBucket{sumsOf: s3Sums}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if cfg.Credentials == nil || !hasCredentials(ctx, cfg.Credentials) {
		cfg.Credentials, b.anonymous = aws.AnonymousCredentials{}, true
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // other services seldom have a host for each bucket
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	b.bucket, err = s3blob.OpenBucket(ctx, client, name, nil)
	return b, err
}

func hasCredentials(ctx context.Context, p aws.CredentialsProvider) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // to ask the machine that it may run on
	defer cancel()
	_, err := p.Retrieve(ctx)
	return err == nil
}

// s3Sums is the MD5 of an object, where its ETag is one. Objects of S3 itself
// have checksums that the client holds them against.
func s3Sums(a *blob.Attributes) []sum {
	var head s3.HeadObjectOutput
	if !a.As(&head) || head.ServerSideEncryption != "" || head.SSECustomerAlgorithm != nil {
		return nil
	}
	return md5Sum(a.MD5)
}

func openAzure(ctx context.Context, name string) (bucket, error) {
	options := azureblob.NewDefaultServiceURLOptions()
	if options.AccountName == "" {
		return nil, &Error{"no storage account is named", "set AZURE_STORAGE_ACCOUNT, and AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or an Azure login; or AZURE_STORAGE_CONNECTION_STRING"}
	}
	url, err := azureblob.NewServiceURL(options)
	if err != nil {
		return nil, &Error{"the storage account's settings are wrong: AZURE_STORAGE_PROTOCOL is http or https", ""}
	}
	client, err := azureblob.NewDefaultClient(url, azureblob.ContainerName(name))
	if err != nil {
		return nil, errors.Join(errBadCredentials, err)
	}
	b, err := azureblob.OpenBucket(ctx, client, nil)
	return &cdkBucket{bucket: b, sumsOf: func(a *blob.Attributes) []sum { return md5Sum(a.MD5) }}, err
}

// cdkBucket is a bucket behind the Go CDK.
type cdkBucket struct {
	bucket    *blob.Bucket
	anonymous bool
	sumsOf    func(*blob.Attributes) []sum
}

func (b *cdkBucket) list(ctx context.Context, prefix string, yield func(string) bool) error {
	for objects := b.bucket.List(&blob.ListOptions{Prefix: prefix}); ; {
		object, err := objects.Next(ctx)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return b.said(err)
		case !yield(object.Key):
			return nil
		}
	}
}

func (b *cdkBucket) file(key string) source { return &object{b, key} }

// said notes that the bucket was asked without credentials.
func (b *cdkBucket) said(err error) error {
	if b.anonymous {
		return errors.Join(err, errAnonymous)
	}
	return err
}

// object is a file of a cloud bucket.
type object struct {
	in  *cdkBucket
	key string
}

func (o *object) get(ctx context.Context, have string) (*content, error) {
	is, err := o.in.bucket.Attributes(ctx, o.key)
	if err != nil {
		return nil, o.in.said(err)
	}
	version := versionOfObject(is)
	if version == have {
		return nil, nil
	}
	body, err := o.in.bucket.NewReader(ctx, o.key, nil)
	if err != nil {
		return nil, o.in.said(err)
	}
	return &content{body: body, version: version, size: is.Size, sums: o.in.sumsOf(is), unchanged: func(ctx context.Context) error {
		now, err := o.in.bucket.Attributes(ctx, o.key)
		switch {
		case err != nil:
			return o.in.said(err)
		case versionOfObject(now) != version:
			return errChanged
		}
		return nil
	}}, nil
}

func versionOfObject(a *blob.Attributes) string {
	return fmt.Sprintf("%s %d %d", a.ETag, a.Size, a.ModTime.UnixNano())
}

// statusOfSDK is the HTTP status of an error of the cloud clients; 0 if it has none.
func statusOfSDK(err error) int {
	if e, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return e.HTTPStatusCode()
	}
	if e, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return e.StatusCode
	}
	return 0
}

// regionOf is where S3 says that a bucket is; "" if it does not.
func regionOf(err error) string {
	e, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || e.Response == nil || e.HTTPStatusCode() != http.StatusMovedPermanently {
		return ""
	}
	return e.Response.Header.Get("X-Amz-Bucket-Region")
}

// emulator is a server that stands for Google's, as its own clients name it.
func emulator() string {
	host := os.Getenv("STORAGE_EMULATOR_HOST")
	if host != "" && !strings.Contains(host, "://") {
		host = "http://" + host
	}
	return strings.TrimSuffix(host, "/")
}
