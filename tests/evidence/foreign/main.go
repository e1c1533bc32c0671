// Checks a log of ours with programs that others wrote, and cosigns its checkpoint: see foreign-verifier.system.test.ts.
//
//	foreign FOLDER
//
// The folder has the log's files, vkey, policy, cosigned, receipt.tlog-proof, receipt.entry, and of an older state
// older.checkpoint and older.proof (a hash in base64 a line). A line is printed for each thing that holds, and
// `witnessed` is written: the checkpoint with a cosignature of a witness made by torchwood.
package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(string(f), name))
	must(name, err)
	return data
}

func (f folder) ReadTiles(_ context.Context, tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		one, err := os.ReadFile(filepath.Join(string(f), torchwood.TilePath(tile)))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadEndpoint(_ context.Context, path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), path))
}

func must(what string, err error) {
	if err != nil {
		fmt.Printf("FAILED %s: %v\n", what, err)
		os.Exit(1)
	}
}

func opened(what string, data []byte, vkey string) torchwood.Checkpoint {
	verifier, err := note.NewVerifier(vkey)
	must("vkey", err)
	signed, err := note.Open(data, note.VerifierList(verifier))
	must(what, err)
	checkpoint, err := torchwood.ParseCheckpoint(signed.Text)
	must(what, err)
	return checkpoint
}

func main() {
	dir := folder(os.Args[1])
	ctx := context.Background()
	vkey := strings.TrimSpace(string(dir.read("vkey")))

	checkpoint := opened("checkpoint", dir.read("checkpoint"), vkey)
	fmt.Printf("checkpoint %s %d\n", checkpoint.Origin, checkpoint.N)

	client, err := torchwood.NewClient(dir)
	must("client", err)
	var count int64
	for count < checkpoint.N {
		before := count
		for range client.Entries(ctx, checkpoint.Tree, count) {
			count++
		}
		must("entries", client.Err())
		if count == before {
			break
		}
	}
	fmt.Printf("entries %d\n", count)
	for _, index := range []int64{0, checkpoint.N / 3, checkpoint.N - 1} {
		entry, record, err := client.Entry(ctx, checkpoint.Tree, index)
		must("entry", err)
		must("record", tlog.CheckRecord(record, checkpoint.N, checkpoint.Hash, index, tlog.RecordHash(entry)))
	}

	var receipt proof.TLogProof
	must("receipt", receipt.Unmarshal(dir.read("receipt.tlog-proof")))
	shown := opened("receipt's checkpoint", receipt.Checkpoint, vkey)
	var path tlog.RecordProof
	for _, hash := range receipt.Hashes {
		path = append(path, tlog.Hash(hash))
	}
	leaf := tlog.RecordHash(dir.read("receipt.entry"))
	must("receipt", tlog.CheckRecord(path, shown.N, shown.Hash, int64(receipt.Index), leaf))
	fmt.Printf("receipt %d\n", receipt.Index)

	older := opened("older", dir.read("older.checkpoint"), vkey)
	var steps tlog.TreeProof
	for _, line := range strings.Fields(string(dir.read("older.proof"))) {
		hash, err := base64.StdEncoding.DecodeString(line)
		must("older.proof", err)
		steps = append(steps, tlog.Hash(hash))
	}
	must("older", tlog.CheckTree(steps, checkpoint.N, checkpoint.Hash, older.N, older.Hash))
	fmt.Printf("consistent %d %d\n", older.N, checkpoint.N)

	group, err := witness.ParsePolicy(dir.read("policy"))
	must("policy", err)
	fmt.Printf("policy %v %v\n", group.Satisfied(dir.read("cosigned")), group.Satisfied(dir.read("checkpoint")))

	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("w", 32)))
	signer, err := torchwood.NewCosignatureSigner("witness.example/torchwood", key)
	must("witness", err)
	verifier, err := note.NewVerifier(vkey)
	must("vkey", err)
	signed, err := note.Open(dir.read("checkpoint"), note.VerifierList(verifier))
	must("checkpoint", err)
	witnessed, err := note.Sign(signed, signer)
	must("witness", err)
	must("witnessed", os.WriteFile(filepath.Join(string(dir), "witnessed"), witnessed, 0o600))
	fmt.Printf("witness %s\n", signer.Verifier())
}
