"""Recognises code that was written for Python 2, to say so instead of "invalid syntax"."""
import re
from typing import Optional

_SAID = re.compile(
    r"Missing parentheses in call to '(print|exec)|multiple exception types must be parenthesized"
    r"|leading zeros in decimal integer|inconsistent use of tabs and spaces|invalid hexadecimal literal"
)
_LINE = re.compile(
    r"^\s*print\s+[^=(\s]|^\s*print\s*$|^\s*print\s*>>|\bexcept\s+[\w.()\s,]+,\s*\w+\s*:|^\s*raise\s+[\w.]+\s*,"
    r"|^\s*exec\s+[^=(\s]|<>|`|\b0[0-7]+\b|\b\d+[lL]\b|\bur['\"]|\.has_key\("
)
_NAMES = frozenset("basestring cmp execfile long raw_input reduce reload unichr unicode xrange".split())
_MODULES = frozenset(
    "__builtin__ ConfigParser Cookie HTMLParser Queue SocketServer StringIO Tkinter cPickle cStringIO commands cookielib"
    " copy_reg exceptions httplib sets thread urllib2 urlparse xmlrpclib".split()
)


def is_python2_syntax(error: SyntaxError) -> bool:
    return bool(_SAID.search(error.msg or "")) or bool(_LINE.search(error.text or ""))


def python2_name(error: BaseException) -> Optional[str]:
    """`module urllib2` or `unicode`, when that is what an import or a name did not find."""
    if isinstance(error, ImportError):
        return "module %s" % error.name if error.name in _MODULES else None
    if isinstance(error, NameError):
        found = re.search(r"name '(\w+)' is not defined", str(error))
        if found and found.group(1) in _NAMES:
            return found.group(1)
    return None
