"""The program's side of enhanced authentication."""

from on_target.support import need_version_5, wait_until

need_version_5()
METHOD = "SCRAM-TEST"
LATE = "no AUTH within command_timeout"


class Answers:
    """A function with these answers; it remembers the broker's data. "raise" is an exception, and "wait" is for the end
    of the connection. The last answer is for every later call, too.
    """

    def __init__(self, *answers):
        self.answers = list(answers)
        self.data = []

    def __call__(self, client, data):
        if len(self.data) < 20:
            self.data.append(data)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str) and answer == "raise":
            raise KeyError("no key")
        if isinstance(answer, str) and answer == "wait":
            wait_until(lambda: not client.connected())
        if isinstance(answer, BaseException):
            raise answer
        return answer
