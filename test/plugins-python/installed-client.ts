/**
 * A client as a studio has it installed: it makes its own connections, and its requests leave by the two methods that the official client
 * has for that, `_http_request` for calls and `_build_opener` for forms and files.
 */
export const INSTALLED = `import http.client, json, os, urllib.parse, urllib.request

class _Config:
    pass

class FormPostHandler(urllib.request.BaseHandler):
    pass

class Shotgun:
    def __init__(self, url, script_name=None, api_key=None, http_proxy=None, ca_certs=None, connect=True):
        parts = urllib.parse.urlsplit(url)
        self.config = _Config()
        self.config.scheme, self.config.server = parts.scheme, parts.netloc
        self._auth = {"script_name": script_name, "script_key": api_key}
    def set_session_uuid(self, uuid):
        self._auth["session_uuid"] = uuid
    def _http_request(self, verb, path, body, headers):
        connection = http.client.HTTPConnection(self.config.server)
        connection.request(verb, path, body, headers)
        reply = connection.getresponse()
        return (reply.status, reply.reason), dict(reply.getheaders()), reply.read()
    def _build_opener(self, handler):
        return urllib.request.build_opener(handler)
    def _call(self, method, params):
        body = json.dumps({"method_name": method, "params": [self._auth, params]}).encode()
        headers = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body))}
        status, headers, content = self._http_request("POST", "/api3/json", body, headers)
        assert status[0] == 200 and headers["content-type"].startswith("application/json")
        reply = json.loads(content)
        assert "exception" not in reply, reply
        return reply["results"]
    def find_one(self, kind, filters, fields):
        conditions = [{"path": path, "relation": relation, "values": [value]} for path, relation, value in filters]
        paging = {"entities_per_page": 1, "current_page": 1}
        query = {"type": kind, "return_fields": fields, "return_only": "active", "paging": paging,
            "filters": {"logical_operator": "and", "conditions": conditions}}
        found = self._call("read", query)["entities"]
        return found[0] if found else None
    def create(self, kind, data):
        return self._call("create", {"type": kind, "fields": _fields(data), "return_fields": ["id"]})
    def update(self, kind, number, data):
        return self._call("update", {"type": kind, "id": number, "fields": _fields(data)})
    def delete(self, kind, number):
        return self._call("delete", {"type": kind, "id": number})
    def batch(self, requests):
        return self._call("batch", [{"request_type": each["request_type"], "type": each["entity_type"],
            "fields": _fields(each["data"]), "return_fields": ["id"]} for each in requests])
    def upload(self, kind, number, path, field_name):
        site = "%s://%s" % (self.config.scheme, self.config.server)
        info = self._form(site + "/upload/api_get_upload_link_info", {"upload_type": "Attachment", "filename": os.path.basename(path)})
        assert info.startswith("1\\n"), info
        with open(path, "rb") as file:
            request = urllib.request.Request(info.split("\\n")[1], data=file)
            request.add_header("content-type", "image/png")
            request.get_method = lambda: "PUT"
            reply = self._build_opener(urllib.request.HTTPHandler).open(request)
            assert reply.info()["Etag"] and reply.code == 200
        with open(path, "rb") as file:
            direct = self._form(site + "/upload/upload_file", {"entity_type": kind, "entity_id": number, "field_name": field_name, "file": file})
        return int(direct.split(":", 2)[1].split("\\n", 1)[0])
    def _form(self, url, params):
        return self._build_opener(FormPostHandler).open(url, dict(params, **self._auth)).read().decode()

def _fields(data):
    return [{"field_name": name, "value": value} for name, value in data.items()]
`;
