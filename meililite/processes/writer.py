"""The process that changes indexes: one batch of tasks after another, each made durable at once."""

from __future__ import annotations

import errno
import shutil
import socket
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from meililite.documents.formats import parse
from meililite.documents.identifiers import document_id, infer_primary_key
from meililite.editing.evaluation import run as run_script
from meililite.editing.grammar import ScriptError, Tree
from meililite.editing.grammar import parse as parse_script
from meililite.errors import ApiError
from meililite.index.reader import IndexReader
from meililite.index.segment import DamagedError
from meililite.index.writer import IndexWriter
from meililite.processes.frames import serve
from meililite.processes.interruption import Interruption, StoppedError
from meililite.processes.memory import give_back, without_collection
from meililite.shapes import settings as settings_shapes

Job = dict[str, Any]
Details = dict[str, Any]

_EDITED_AT_ONCE = 1000  # documents read for editing
_KEPT_OPEN = 8  # indexes whose working memory is kept between batches


class RefusedError(Exception):
    """A task failed before it changed anything."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.message)
        self.error = error


class Batch:
    """The tasks of one batch, applied to one index and not yet committed.

    Those that were committed just before a kill, which is why they come again, are not done twice:
    an edit may add one to what it finds, and a deletion would find nothing more to count.
    """

    def __init__(self, writer: IndexWriter, job: Job) -> None:
        self.writer = writer
        self.uid: str = job["uid"]
        self.primary_key: str | None = job["primaryKey"]
        before = writer.done() or {"primaryKey": None, "ends": {}}
        self._ends: dict[str, Job] = {
            key: before["ends"][key] for key in map(_name, job["tasks"]) if key in before["ends"]
        }
        if self._ends:
            self.primary_key = before["primaryKey"]

    def apply(self, task: Job) -> Job:
        """Do one task; how it ended. ApiError when the index refused it half-way."""
        key = _name(task)
        if key not in self._ends:
            try:
                self._ends[key] = {"uid": task["uid"], "details": self._do(task)}
            except RefusedError as refused:
                error = refused.error
                self._ends[key] = {"uid": task["uid"], "error": [error.code, error.message]}
        return self._ends[key]

    def done(self) -> Job:
        """How its tasks ended, to be kept with the version that they make."""
        return {"primaryKey": self.primary_key, "ends": self._ends}

    def _do(self, task: Job) -> Details:
        arguments = task["arguments"]
        if task["type"] == "documentAdditionOrUpdate":
            return self._add(task, arguments)
        if task["type"] == "settingsUpdate":
            return self._change_settings(arguments["settings"])
        if task["type"] == "documentEdition":
            return self._edit(arguments)
        return {"deletedDocuments": self._delete(arguments)}

    def _add(self, task: Job, arguments: Job) -> Details:
        try:
            documents = parse(_payload(task), arguments["format"], arguments["delimiter"])
            primary_key = self._primary_key(arguments["primaryKey"], documents)
            named = [(document_id(document, primary_key), document) for document in documents]
        except ApiError as error:
            raise RefusedError(error) from None
        self.primary_key = primary_key or None
        if named:
            self.writer.upsert(
                named, merge=arguments["merge"], create=not arguments["skipCreation"]
            )
        return {"indexedDocuments": len({key for key, _ in named})}

    def _primary_key(self, wanted: str | None, documents: list[dict[str, Any]]) -> str:
        if self.primary_key is not None:
            if wanted not in (None, self.primary_key):
                raise primary_key_exists(self.primary_key)
            return self.primary_key
        if wanted is not None:
            return wanted
        return infer_primary_key(documents[0]) if documents else ""

    def _delete(self, arguments: Job) -> int:
        if "filter" in arguments:
            try:
                return self.writer.delete_by_filter(arguments["filter"])
            except ApiError as error:
                raise RefusedError(error) from None
        if "ids" in arguments:
            return self.writer.delete(arguments["ids"])
        return self.writer.clear()

    def _edit(self, arguments: Job) -> Details:
        """Run a function over the documents that a filter selects; it may change or drop them."""
        try:
            edited, dropped = self._edited(parse_script(arguments["function"]), arguments)
        except ScriptError as error:
            raise RefusedError(
                ApiError(
                    "edit_documents_by_function_error",
                    "Document edition runtime error encountered while running the function: "
                    f"{error}",
                )
            ) from None
        except ApiError as error:
            raise RefusedError(error.at(f"Index `{self.uid}`: ")) from None
        self.writer.upsert(edited)
        return {"deletedDocuments": self.writer.delete(dropped), "editedDocuments": len(edited)}

    def _edited(self, program: Tree, arguments: Job) -> tuple[list[tuple[str, Any]], list[str]]:
        edited: list[tuple[str, Any]] = []
        dropped: list[str] = []
        for key, document in self._selected(arguments["filter"]):
            before = orjson.dumps(document)
            after = run_script(program, document, orjson.loads(arguments["context"]))
            if after is None:
                dropped.append(key)
            elif not isinstance(after, dict):
                raise ScriptError("Document editions must keep documents as objects")
            elif document_id(after, self.primary_key or "") != key:
                raise ScriptError("Document editions cannot modify a document's primary key")
            elif orjson.dumps(after) != before:
                edited.append((key, after))
        return edited, dropped

    def _selected(self, chosen: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """The committed documents that a filter selects, or all of them."""
        reader = IndexReader(self.writer.directory, self.writer.version)
        offset = 0
        while True:
            request = {"filter": chosen, "offset": offset, "limit": _EDITED_AT_ONCE}
            documents = orjson.loads(reader.documents(request))["results"]
            for document in documents:
                yield document_id(document, self.primary_key or ""), document
            if len(documents) < _EDITED_AT_ONCE:
                return
            offset += _EDITED_AT_ONCE

    def _change_settings(self, given: dict[str, Any]) -> Details:
        try:
            merged = settings_shapes.merge(self.writer.settings(), given)
        except ApiError as error:
            raise RefusedError(error.at(f"Index `{self.uid}`: ")) from None
        self.writer.update_settings(merged)
        return {}


def _name(task: Job) -> str:
    """What no other task is called, not even after numbers were given again by an older copy."""
    return f"{task['uid']} of {task['enqueuedAt']}"


def primary_key_exists(primary_key: str) -> ApiError:
    return ApiError(
        "index_primary_key_already_exists", f"Index already has a primary key: `{primary_key}`."
    )


def _payload(task: Job) -> bytes:
    if task["payloadFile"] is not None:
        return Path(task["payloadFile"]).read_bytes()
    return str(task["payload"]).encode()


class Writing:
    """The indexes that are being written, by uuid. Each operation is one frame's work."""

    def __init__(self, directory: Path, interruption: Interruption) -> None:
        self._directory = directory
        self._interruption = interruption
        self._open: OrderedDict[str, IndexWriter] = OrderedDict()

    def run(self, job: Job) -> bytes:
        """Apply a batch and commit it.

        `job` holds uuid, uid (the name, for messages), primaryKey and tasks. The answer holds the
        committed version, primaryKey, settings, stats and for each task its details or its error.
        When the index refuses the batch as a whole, its tasks run one by one. When the front sends
        `stop` before the commit, nothing of the batch is kept and the answer is {"stopped": true}.
        """
        writer = self._writer(job["uuid"])
        writer.uid = job["uid"]
        primary_key = job["primaryKey"]
        try:
            with self._interruption.allowed():
                primary_key, ends = self._attempt(writer, job)
        except StoppedError:
            self._open.pop(job["uuid"]).close()
            return orjson.dumps({"stopped": True})
        except ApiError as error:
            writer.rollback()
            ends = []
            for task in job["tasks"]:
                alone = {**job, "tasks": [task], "primaryKey": primary_key}
                primary_key, end = self._alone(writer, alone, error)
                ends.append(end)
        except BaseException:
            # What is in memory may be half a batch; the next one starts from what is on disk.
            self._open.pop(job["uuid"]).close()
            raise
        if any(task["payloadFile"] for task in job["tasks"]):
            give_back()
        return orjson.dumps(
            {
                "version": writer.version,
                "primaryKey": primary_key,
                "settings": writer.settings(),
                "stats": writer.stats(),
                "ends": ends,
            }
        )

    def _attempt(self, writer: IndexWriter, job: Job) -> tuple[str | None, list[Job]]:
        batch = Batch(writer, job)
        try:
            with without_collection():
                ends = [batch.apply(task) for task in job["tasks"]]
                if any("details" in end for end in ends):
                    writer.commit(self._interruption.forbid, batch.done())
        except OSError as error:
            raise _disk_fault(error) from error
        return batch.primary_key, ends

    def _alone(self, writer: IndexWriter, job: Job, error: ApiError) -> tuple[str | None, Job]:
        """One task of a batch that was refused; `error` is why, when it was the only one."""
        task = job["tasks"][0]
        try:
            primary_key, ends = self._attempt(writer, job)
        except ApiError as own:
            writer.rollback()
            error = own
        else:
            return primary_key, ends[0]
        if error.status < 500 and not error.message.startswith("Index `"):
            error = error.at(f"Index `{job['uid']}`: ")
        return job["primaryKey"], {"uid": task["uid"], "error": [error.code, error.message]}

    def stop(self) -> bytes:
        """Its coming stops a batch, see `run`; there is nothing else to do."""
        return b""

    def plan(self, uuid: str, busy: bool) -> bytes:
        """[names of segments that should be merged, whether the oldest is among them]"""
        return orjson.dumps(self._writer(uuid).plan(busy=busy))

    def adopt(self, uuid: str, names: list[str], path: str | None) -> bytes:
        """Put a merged segment in the place of those named; the version that the index has now."""
        writer = self._writer(uuid)
        try:
            writer.adopt(names, None if path is None else Path(path))
        except BaseException:
            self._open.pop(uuid).close()
            raise
        return orjson.dumps(writer.version)

    def release(self, uuid: str, versions: list[int]) -> bytes:
        """Delete the files of versions that nobody reads any more."""
        if uuid in self._open:
            self._open[uuid].release(set(versions))
        return b""

    def drop(self, uuid: str) -> bytes:
        """Delete an index's folder."""
        if uuid in self._open:
            self._open.pop(uuid).close()
        shutil.rmtree(self._directory / uuid, ignore_errors=True)
        return b""

    def _writer(self, uuid: str) -> IndexWriter:
        if uuid not in self._open:
            try:
                self._open[uuid] = IndexWriter(self._directory / uuid)
            except DamagedError as error:
                raise ApiError("invalid_store_file", str(error)) from error
            except OSError as error:
                raise _disk_fault(error) from error
        self._open.move_to_end(uuid)
        if len(self._open) > _KEPT_OPEN:
            self._open.popitem(last=False)[1].close()
        return self._open[uuid]


def _disk_fault(error: OSError) -> ApiError:
    if error.errno == errno.ENOSPC:
        return ApiError(
            "no_space_left_on_device",
            "There is no more space left on the device. Consider increasing the size of the "
            "disk/partition.",
        )
    return ApiError("io_error", f"{error}. Look at the disk of the server's folder.")


def run(connection: socket.socket, directory: str) -> None:
    """Serve until the front is gone. `directory` holds one folder for each index uuid."""
    writing = Writing(Path(directory), Interruption(connection))
    serve(
        connection,
        {
            name: getattr(writing, name)
            for name in ("run", "stop", "plan", "adopt", "release", "drop")
        },
    )
