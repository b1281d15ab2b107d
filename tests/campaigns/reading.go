// Ways of Go to read a file: reading-go METHOD PATH prints its bytes.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(path string) (*os.File, int64) {
	file, err := os.Open(path)
	check(err)
	st, err := file.Stat()
	check(err)
	return file, st.Size()
}

func mapped(path string, flags int) {
	file, size := open(path)
	data, err := syscall.Mmap(int(file.Fd()), 0, int(size), syscall.PROT_READ, flags)
	check(err)
	os.Stdout.Write(data)
}

func lines(path string) {
	file, _ := open(path)
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		fmt.Println(scanner.Text())
	}
	check(scanner.Err())
}

func readAt(path string) {
	file, size := open(path)
	for at := int64(0); at < size; at += 1000 {
		data := make([]byte, 1000)
		n, err := file.ReadAt(data, at)
		if err != io.EOF {
			check(err)
		}
		os.Stdout.Write(data[:n])
	}
}

func main() {
	path := os.Args[2]
	switch os.Args[1] {
	case "ReadFile":
		data, err := os.ReadFile(path)
		check(err)
		os.Stdout.Write(data)
	case "Copy": // copy_file_range or splice where the kernel has them
		file, _ := open(path)
		_, err := io.Copy(os.Stdout, file)
		check(err)
	case "ReadFull":
		file, size := open(path)
		data := make([]byte, size)
		_, err := io.ReadFull(file, data)
		check(err)
		os.Stdout.Write(data)
	case "Scanner":
		lines(path)
	case "ReadAt":
		readAt(path)
	case "Mmap-private":
		mapped(path, syscall.MAP_PRIVATE)
	case "Mmap-shared":
		mapped(path, syscall.MAP_SHARED)
	case "json":
		file, _ := open(path)
		var value any
		check(json.NewDecoder(file).Decode(&value))
		fmt.Println(value)
	default:
		os.Exit(2)
	}
}
