package ceremony

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// readFile reads a regular file of least to most bytes.
func readFile(directory, name string, least, most int) ([]byte, error) {
	// Without O_NONBLOCK, opening a pipe would wait for a writer.
	file, err := os.OpenFile(filepath.Join(directory, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	switch {
	case !info.Mode().IsRegular():
		return nil, rejected("%s is no regular file", name)
	case least == most && size != int64(most):
		return nil, rejected("%s has %d bytes; in this ceremony it has %d", name, size, most)
	case size < int64(least) || size > int64(most):
		return nil, rejected("%s has %d bytes, not %d to %d", name, size, least, most)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, &os.PathError{Op: "read", Path: file.Name(), Err: err}
	}
	return data, nil
}

// writeNew writes a file that appears complete or not at all, and never replaces one.
func writeNew(path string, data []byte) (err error) {
	directory := filepath.Dir(path)
	file, err := os.CreateTemp(directory, ".ceremony-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(data)
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		// What follows must not outlive the data.
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without links, as memory sticks have: two writers at the very same time are not told apart.
		if _, missing := os.Lstat(path); errors.Is(missing, fs.ErrNotExist) {
			err = os.Rename(file.Name(), path)
		}
	}
	if err != nil {
		return err
	}
	return syncDirectory(directory)
}

func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	err = directory.Sync()
	if errors.Is(err, syscall.EINVAL) {
		// Not every file system can; it then writes in its own time.
		err = nil
	}
	return errors.Join(err, directory.Close())
}
